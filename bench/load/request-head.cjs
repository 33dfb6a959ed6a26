/** What a browser would send with each request; all proxies get the same. */
const fields = {
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  Accept: 'application/json, text/plain, */*',
  'Accept-Encoding': 'gzip, deflate, br',
  'Accept-Language': 'en-GB,en;q=0.7,de;q=0.3',
  Cookie: 'JSESSIONID=node01x9f3k2m7q8w1e5r4t6y0u0; theme=dark',
};

module.exports = { fields };
