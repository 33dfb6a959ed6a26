/** The mount that is asked for. */
const asked = '/kpow';

/** @returns the paths of as many mounts, the one asked for in the middle */
function mountPaths(count) {
  const paths = Array.from({ length: count }, (_, i) => `/tool-${String(i).padStart(3, '0')}`);
  paths[Math.floor(count / 2)] = asked;
  return paths;
}

module.exports = { asked, mountPaths };
