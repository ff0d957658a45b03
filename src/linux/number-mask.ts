/** Lists of CPUs and memory nodes as the kernel's calls take them. */

const ITEM = /^(\d+)(?:-(\d+)(?::(\d+)\/(\d+))?)?$/;

/** "0-3,7" → a mask, lowest number first, in whole words of the kernel. The rules have checked the list. */
export function numberMask(list: string): Uint8Array {
  const numbers = list.split(",").flatMap((item) => numbersOf(item.trim()));
  const words = Math.floor(numbers.reduce((highest, number) => Math.max(highest, number), 0) / 64) + 1;
  const mask = new Uint8Array(words * 8);
  for (const number of numbers) mask[number >> 3] = (mask[number >> 3] ?? 0) | (1 << (number & 7));
  return mask;
}

/** "0-15:2/4": the first two of every four (cpuset(7)). */
function numbersOf(item: string): number[] {
  const match = ITEM.exec(item);
  if (!match) return [];
  const [first, last = first, used = 1, group = 1] = match.slice(1).map((digits) => digits && Number(digits)) as [
    number,
    number?,
    number?,
    number?,
  ];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index).filter(
    (number) => (number - first) % group < used,
  );
}
