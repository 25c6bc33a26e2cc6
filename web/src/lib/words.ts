/** "1 item", "12,000 items". */
export const itemsInWords = (count: number): string =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? 'item' : 'items'}`;
