let second = -1;
let text = '';

/** A time as `Date.toISOString` writes it, worked out once a second but for its end. @param now milliseconds since 1970 */
export function isoTime(now: number): string {
  const whole = Math.floor(now / 1000);
  if (whole !== second) {
    second = whole;
    text = new Date(whole * 1000).toISOString().slice(0, -'000Z'.length);
  }
  return `${text}${String(now - whole * 1000).padStart(3, '0')}Z`;
}
