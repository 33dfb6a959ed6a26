import type { Browser } from 'playwright-core';

/**
 * For a page: how many points of two pictures differ, from 0 to 1. Letters are drawn a little otherwise where something
 * beside them moved.
 */
const compare = `async (pictures) => {
  const [first, second] = await Promise.all(pictures.map(async (data) => {
    const image = new Image();
    image.src = data;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
    canvas.drawImage(image, 0, 0);
    return canvas.getImageData(0, 0, image.width, image.height).data;
  }));
  if (first.length !== second.length) return 1;
  let others = 0;
  for (let i = 0; i < first.length; i += 4)
    if ([0, 1, 2].some((c) => Math.abs(first[i + c] - second[i + c]) > 32)) others++;
  return others / (first.length / 4);
}`;

/** How many of a picture's points are not as in the other, from 0 to 1; 1 where they are not of one size. */
export async function difference(browser: Browser, one: Buffer, other: Buffer): Promise<number> {
  const page = await browser.newPage();
  try {
    const data = [one, other].map((picture) => `data:image/png;base64,${picture.toString('base64')}`);
    return await page.evaluate<number>(`(${compare})(${JSON.stringify(data)})`);
  } finally {
    await page.close();
  }
}
