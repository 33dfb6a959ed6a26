import { html } from '../../../src/portal/html';

test('html escapes text, and leaves nested markup and lists of it as they are', () => {
  const item = (text: string) => html`<li title="${text}">${text}</li>`;
  const list = [item(`<a href='x'>&"`), item('b')];
  expect(html`${list}${3}`.toString()).toBe(
    '<li title="&lt;a href=&#39;x&#39;&gt;&amp;&quot;">&lt;a href=&#39;x&#39;&gt;&amp;&quot;</li>' +
      '<li title="b">b</li>3',
  );
});
