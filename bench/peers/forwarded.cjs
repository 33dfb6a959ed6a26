/** What the gateway tells a tool of its client; peers that can be configured to do so tell it too. */
const forwarded = ['x-real-ip', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port'];
forwarded.push('x-forwarded-prefix', 'forwarded', 'x-request-id');

module.exports = { forwarded };
