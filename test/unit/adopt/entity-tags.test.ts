import { adoptedTag, namesAdopted, toolTags } from '../../../src/adopt/entity-tags';

test.each([
  ['"abc"', '"abc.adopted"'],
  ['W/"abc"', 'W/"abc.adopted"'],
  ['""', '".adopted"'],
  ['abc', 'abc'],
])('%s of the tool is %s for the browser, and back', (tool, browser) => {
  expect(adoptedTag(tool)).toBe(browser);
  expect(toolTags(browser)).toBe(tool);
});

test('the tags of a list go back each by itself', () => {
  expect(toolTags('"a.adopted", W/"b.adopted", "c", *')).toBe('"a", W/"b", "c", *');
  expect(namesAdopted('"a", "b.adopted"')).toBe(true);
  expect(namesAdopted('"a", ".adopted-x"')).toBe(false);
});
