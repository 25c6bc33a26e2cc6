import type { Palette } from './colours';

/** What stands in a picture, drawn on a field of 100 by 100 whose floor is at 84. */
export type Motif = (palette: Palette) => string;

const rectangle = (x: number, y: number, width: number, height: number, radius: number, fill: string): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" fill="${fill}"/>`;
const circle = (x: number, y: number, radius: number, fill: string): string =>
  `<circle cx="${x}" cy="${y}" r="${radius}" fill="${fill}"/>`;
const ellipse = (x: number, y: number, rx: number, ry: number, fill: string): string =>
  `<ellipse cx="${x}" cy="${y}" rx="${rx}" ry="${ry}" fill="${fill}"/>`;
const shape = (path: string, fill: string): string => `<path d="${path}" fill="${fill}"/>`;
const stroke = (path: string, colour: string, width: number): string =>
  `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;
const PAPER = '#fffaf2';
const LEAF = '#5f8f5a';
const WOOD = '#b98a5a';

export const MOTIFS = {
  mug: ({ main, dark, light }) =>
    stroke('M66 44h7a9 9 0 0 1 0 22h-7', dark, 6) +
    shape('M28 34h40v40a10 10 0 0 1-10 10H38a10 10 0 0 1-10-10z', main) +
    ellipse(48, 34, 20, 5, dark) +
    rectangle(34, 46, 5, 26, 2.5, light),
  teapot: ({ main, dark, light }) =>
    stroke('M70 46c14-2 16 20 0 24', dark, 5) +
    shape('M30 58 14 42l-3 4 14 26z', dark) +
    ellipse(50, 60, 26, 24, main) +
    shape('M34 40q16-10 32 0z', dark) +
    circle(50, 33, 4, dark) +
    ellipse(41, 54, 4, 9, light),
  pan: ({ main, dark, light }) =>
    rectangle(62, 47, 30, 7, 3.5, dark) +
    shape('M12 48h56v18a14 14 0 0 1-14 14H26a14 14 0 0 1-14-14z', main) +
    rectangle(9, 44, 62, 7, 3.5, dark) +
    rectangle(19, 56, 5, 14, 2.5, light),
  tin: ({ main, dark, light }) =>
    shape('M12 48h76l-7 30a6 6 0 0 1-6 5H25a6 6 0 0 1-6-5z', main) +
    rectangle(8, 42, 84, 8, 4, dark) +
    stroke('M34 56l3 20M50 56v20M66 56l-3 20', light, 3),
  whisk: ({ main, dark, light }) =>
    stroke('M50 50v34', main, 8) +
    stroke('M50 52C28 44 34 14 50 14s22 30 0 38M50 52C40 44 42 14 50 14s10 30 0 38', dark, 3) +
    stroke('M50 60v16', light, 2),
  jar: ({ main, dark, light }) =>
    shape('M28 36h44v40a8 8 0 0 1-8 8H36a8 8 0 0 1-8-8z', main) +
    rectangle(26, 22, 48, 14, 4, dark) +
    rectangle(34, 48, 32, 22, 3, PAPER) +
    stroke('M40 56h20M40 63h13', light, 3),
  plate: ({ main, dark, light }) =>
    circle(50, 52, 36, dark) + circle(50, 51, 34, main) + circle(50, 51, 22, light) + circle(50, 51, 19, main),
  glass: ({ main, dark, light }) =>
    shape('M32 20h36l-5 60a4 4 0 0 1-4 4H41a4 4 0 0 1-4-4z', light) +
    shape('M34.5 48h31l-2.7 31a4 4 0 0 1-4 3.5H41.2a4 4 0 0 1-4-3.5z', main) +
    ellipse(50, 48, 15.5, 3, dark),
  cutlery: ({ main, dark }) =>
    stroke('M34 44v40', main, 6) +
    stroke('M26 18v18q0 8 8 8t8-8V18M34 18v20', main, 4) +
    stroke('M66 50v34', dark, 6) +
    shape('M63 52V16q14 6 12 36z', dark),
  cloth: ({ main, dark, light }) =>
    shape('M18 26h64v54q-8 6-16 0t-16 0-16 0-16 0z', main) +
    stroke('M18 38h64M18 46h64', light, 3) +
    stroke('M36 26v54M64 26v54', dark, 2),
  candle: ({ main, dark, light }) =>
    shape('M50 12q9 10 0 18-9-8 0-18z', '#f4b43c') +
    stroke('M50 28v8', '#5b4636', 2) +
    rectangle(36, 36, 28, 46, 4, main) +
    ellipse(50, 37, 14, 4, light) +
    ellipse(50, 83, 26, 5, dark),
  lantern: ({ main, dark }) =>
    stroke('M40 24a10 10 0 0 1 20 0', dark, 3) +
    shape('M30 34 50 20l20 14z', dark) +
    rectangle(30, 34, 40, 46, 3, main) +
    rectangle(37, 41, 26, 32, 2, '#fff1c9') +
    rectangle(45, 56, 10, 17, 2, PAPER) +
    shape('M50 44q5 6 0 11-5-5 0-11z', '#f4b43c') +
    rectangle(26, 79, 48, 5, 2, dark),
  cushion: ({ main, dark, light }) =>
    shape('M16 24q34 8 68 0-8 28 0 56-34-8-68 0 8-28 0-56z', main) +
    stroke('M26 34q24 5 48 0M26 70q24-5 48 0', light, 3) +
    circle(50, 52, 4, dark),
  clock: ({ main, dark }) =>
    circle(50, 52, 34, main) + circle(50, 52, 26, PAPER) + stroke('M50 36v16l12 8', dark, 4) + circle(50, 52, 3, dark),
  frame: ({ main, light }) =>
    rectangle(20, 18, 60, 66, 3, main) +
    rectangle(28, 26, 44, 50, 1, PAPER) +
    shape('M30 74 44 52l9 12 7-8 10 18z', light) +
    circle(60, 40, 5, '#f4b43c'),
  basket: ({ main, dark, light }) =>
    stroke('M30 46q20-40 40 0', dark, 5) +
    shape('M16 46h68l-7 34a5 5 0 0 1-5 4H28a5 5 0 0 1-5-4z', main) +
    stroke('M20 58h60M23 70h54', light, 3) +
    rectangle(13, 42, 74, 8, 4, dark),
  vase: ({ main, dark, light }) =>
    stroke('M50 40C48 26 40 22 36 12M50 40c2-12 8-18 14-22M50 40V14', LEAF, 3) +
    circle(36, 13, 6, light) +
    circle(64, 18, 5, light) +
    circle(50, 12, 5, PAPER) +
    shape('M40 38h20c0 12 12 14 12 28 0 10-6 18-12 18H40c-6 0-12-8-12-18 0-14 12-16 12-28z', main) +
    ellipse(50, 38, 10, 3, dark),
  bottle: ({ main, dark, light }) =>
    rectangle(43, 12, 14, 10, 3, dark) +
    shape('M44 22h12v12c0 6 10 8 10 18v26a6 6 0 0 1-6 6H40a6 6 0 0 1-6-6V52c0-10 10-12 10-18z', main) +
    rectangle(34, 54, 32, 18, 0, PAPER) +
    stroke('M40 60h20M40 66h12', light, 3),
  box: ({ main, dark, light }) =>
    shape('M24 22h52v58a4 4 0 0 1-4 4H28a4 4 0 0 1-4-4z', main) +
    rectangle(24, 16, 52, 10, 3, dark) +
    circle(50, 52, 16, PAPER) +
    circle(50, 52, 9, light),
  bag: ({ main, dark, light }) =>
    shape('M28 26h44l4 54a4 4 0 0 1-4 4H28a4 4 0 0 1-4-4z', main) +
    shape('M28 26l4-8h36l4 8z', dark) +
    rectangle(34, 42, 32, 26, 13, PAPER) +
    stroke('M43 55h14', light, 5),
  fruit: ({ main, dark, light }) =>
    stroke('M50 34q0-12 8-18', WOOD, 4) +
    shape('M54 24q14-12 24-2-12 10-24 2z', LEAF) +
    shape('M50 34c-24-12-34 8-30 26 4 16 16 26 30 22 14 4 26-6 30-22 4-18-6-38-30-26z', main) +
    ellipse(34, 52, 4, 9, light) +
    ellipse(50, 35, 7, 2, dark),
  vegetable: ({ main, dark }) =>
    stroke('M50 32C44 22 38 18 34 10M50 32V8M50 32c6-10 12-14 16-22', LEAF, 5) +
    shape('M34 34q16-8 32 0c2 22-8 40-16 52-8-12-18-30-16-52z', main) +
    stroke('M38 46h9M54 54h8M42 64h8', dark, 3),
  cheese: ({ main, dark, light }) =>
    shape('M12 60 66 26q20 8 22 34z', light) +
    rectangle(12, 60, 76, 22, 3, main) +
    circle(32, 71, 5, dark) +
    circle(58, 74, 4, dark) +
    circle(72, 67, 3, dark),
  bread: ({ main, dark, light }) =>
    shape('M14 56q0-26 36-26t36 26v18a8 8 0 0 1-8 8H22a8 8 0 0 1-8-8z', main) +
    stroke('M34 42l8 14M50 40l8 14M66 42l6 12', light, 4) +
    stroke('M18 82h64', dark, 3),
  cake: ({ main, dark, light }) =>
    rectangle(20, 50, 60, 32, 5, dark) +
    rectangle(20, 62, 60, 6, 0, light) +
    shape('M20 54q0-12 12-12h36q12 0 12 12 0 8-7 8t-8-6-8 6-8-6-8 6-8-6-7 6q-6 0-6-8z', main) +
    circle(50, 34, 7, '#d2453d') +
    stroke('M50 28q2-8 8-10', LEAF, 2.5),
  bar: ({ main, dark, light }) =>
    rectangle(30, 14, 40, 70, 4, dark) +
    stroke('M36 26h28M36 38h28M50 18v26', main, 3) +
    rectangle(28, 46, 44, 40, 3, main) +
    rectangle(35, 56, 30, 18, 2, PAPER) +
    stroke('M41 65h18', light, 4),
  biscuit: ({ main, dark, light }) =>
    circle(50, 52, 33, dark) +
    circle(50, 50, 33, main) +
    [
      [38, 38],
      [58, 34],
      [68, 52],
      [50, 54],
      [34, 60],
      [56, 70],
    ]
      .map(([x = 0, y = 0]) => circle(x, y, 4, dark) + circle(x - 1, y - 1, 1.5, light))
      .join(''),
  soap: ({ main, dark, light }) =>
    rectangle(16, 46, 68, 36, 14, dark) +
    rectangle(16, 42, 68, 36, 14, main) +
    rectangle(28, 52, 44, 16, 8, light) +
    circle(66, 28, 7, PAPER) +
    circle(78, 34, 4, PAPER) +
    circle(54, 22, 4, PAPER),
  spray: ({ main, dark, light }) =>
    shape('M36 14h26l8 6v6H36z', dark) +
    stroke('M40 28q-2 8-8 10', dark, 4) +
    rectangle(42, 24, 14, 14, 2, dark) +
    shape('M40 38h18q8 4 8 14v28a4 4 0 0 1-4 4H36a4 4 0 0 1-4-4V52q0-10 8-14z', main) +
    rectangle(38, 54, 22, 18, 3, PAPER) +
    circle(49, 63, 5, light),
  brush: ({ main, dark, light }) =>
    stroke('M50 12v40', WOOD, 7) +
    rectangle(26, 48, 48, 14, 5, main) +
    stroke('M31 64v18M39 64v18M47 64v18M55 64v18M63 64v18M70 64v18', light, 4) +
    stroke('M28 61h44', dark, 2),
  plant: ({ main, dark, light }) =>
    stroke('M50 54V22', LEAF, 3) +
    shape('M50 44q-24 0-24-22 24 0 24 22z', LEAF) +
    shape('M50 36q22 0 24-20-24 0-24 20z', '#7aa874') +
    shape('M28 54h44l-6 26a5 5 0 0 1-5 4H39a5 5 0 0 1-5-4z', main) +
    rectangle(25, 50, 50, 9, 3, dark) +
    rectangle(37, 64, 4, 12, 2, light),
  flower: ({ main, dark }) =>
    stroke('M50 50v34', LEAF, 4) +
    shape('M50 74q-18 0-20-14 18 0 20 14z', LEAF) +
    [0, 60, 120, 180, 240, 300]
      .map((turn) => `<ellipse cx="50" cy="22" rx="9" ry="13" fill="${main}" transform="rotate(${turn} 50 38)"/>`)
      .join('') +
    circle(50, 38, 8, dark),
  trowel: ({ main, dark, light }) =>
    stroke('M50 12v24', WOOD, 9) +
    stroke('M50 38v12', dark, 4) +
    shape('M36 48h28v14q0 14-14 24-14-10-14-24z', main) +
    stroke('M50 54v20', light, 3),
  birdhouse: ({ main, dark, light }) =>
    rectangle(30, 40, 40, 44, 3, main) +
    shape('M50 14 80 44H20z', dark) +
    circle(50, 56, 9, '#3b312b') +
    stroke('M50 70v6', light, 4),
  card: ({ main, dark, light }) =>
    rectangle(20, 24, 60, 56, 4, PAPER) +
    shape('M50 68C30 54 34 40 43 40q5 0 7 5 2-5 7-5c9 0 13 14-7 28z', main) +
    stroke('M20 30h60', light, 3) +
    stroke('M34 74h32', dark, 2),
  gift: ({ main, dark, light }) =>
    rectangle(20, 42, 60, 42, 4, main) +
    rectangle(16, 34, 68, 14, 4, dark) +
    rectangle(45, 34, 10, 50, 0, light) +
    stroke('M50 34c-22 0-18-22-8-18 6 3 8 18 8 18s2-15 8-18c10-4 14 18-8 18', light, 4),
  notebook: ({ main, dark, light }) =>
    rectangle(26, 16, 50, 68, 4, dark) +
    rectangle(24, 16, 48, 66, 4, main) +
    rectangle(24, 16, 9, 66, 3, dark) +
    rectangle(42, 30, 22, 12, 2, PAPER) +
    stroke('M66 16v66', light, 2),
  bunting: ({ main, dark, light }) =>
    stroke('M8 26q42 22 84 0', dark, 3) +
    shape('M14 29l18 7-12 26zM40 37h20L50 66zM68 36l18-7-6 33z', main) +
    circle(50, 46, 3, light) +
    circle(23, 42, 3, light) +
    circle(77, 42, 3, light),
  bowl: ({ main, dark, light }) =>
    ellipse(50, 48, 38, 9, dark) +
    ellipse(50, 47, 32, 6, light) +
    shape('M12 48h76c0 22-16 34-30 36H42C28 82 12 70 12 48z', main),
} as const satisfies Record<string, Motif>;

export type MotifName = keyof typeof MOTIFS;
