/** Words that people bring along from other proxies, and what they are called here. */
const elsewhere = new Map(
  Object.entries({
    url: 'target',
    uri: 'target',
    upstream: 'target',
    backend: 'target',
    to: 'target',
    proxypass: 'target',
    location: 'path',
    route: 'path',
    base: 'path',
    basepath: 'path',
    certificate: 'cert',
    crt: 'cert',
    privatekey: 'key',
    cacert: 'ca',
    routes: 'mounts',
    upstreams: 'mounts',
  }),
);

/** The known word that was most likely meant, or null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const plain = simplify(word);
  const synonym = elsewhere.get(plain);
  if (synonym !== undefined && known.includes(synonym)) return synonym;

  let best: string | null = null;
  let bestDistance = Math.floor(Math.max(3, plain.length) / 3) + 1;
  for (const candidate of known) {
    const distance = editDistance(plain, simplify(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function simplify(word: string): string {
  return word
    .slice(0, 50)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let earlier: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? (earlier[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(substitution, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    earlier = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
