/** Lists of CPUs and memory nodes: "0-3,7" (config-linux.md, CPU), with the kernel's groups "0-15:2/4" (cpuset(7)). */

const ITEM = /^(\d{1,6})(?:-(\d{1,6})(?::(\d{1,6})\/(\d{1,6}))?)?$/;

/** Says what is wrong with a list; undefined when nothing is, or when there is no list. */
export function listProblem(list: string | undefined): string | undefined {
  for (const part of (list ?? "").split(",")) {
    const item = part.trim();
    // cpuset files take "0,,1" and a comma at the end.
    if (item === "") continue;
    const match = ITEM.exec(item);
    if (match === null) return `must be a list such as 0-3,7; ${JSON.stringify(item)} is neither a number nor a range`;
    if (match[2] !== undefined && Number(match[2]) < Number(match[1])) return `the range ${item} runs backwards`;
  }
  return undefined;
}
