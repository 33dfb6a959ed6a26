import { Sessions } from '../../../src/demo/sessions';

describe('sessions', () => {
  test('are found by any of several JSESSIONID that a browser sends', () => {
    const sessions = new Sessions<string>();
    const id = sessions.create('admin');
    expect(sessions.find(`a=b; JSESSIONID=of-another-tool; JSESSIONID=${id}`)).toEqual({ id, value: 'admin' });
    expect(sessions.find('JSESSIONID=of-another-tool')).toBeUndefined();
    expect(sessions.find(undefined)).toBeUndefined();
  });

  test('are bounded: the one unused for longest makes room', () => {
    const sessions = new Sessions<number>(2);
    const first = sessions.create(1);
    const second = sessions.create(2);
    sessions.find(`JSESSIONID=${first}`);
    sessions.create(3);
    expect(sessions.size).toBe(2);
    expect(sessions.find(`JSESSIONID=${first}`)?.value).toBe(1);
    expect(sessions.find(`JSESSIONID=${second}`)).toBeUndefined();
  });

  test('end after a time without use', () => {
    const sessions = new Sessions<number>(2, -1);
    expect(sessions.find(`JSESSIONID=${sessions.create(1)}`)).toBeUndefined();
    expect(sessions.size).toBe(0);
  });
});
