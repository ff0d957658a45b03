/** apt-get and apt-cache: with this machine's sources, or with another suite of Debian's, whose lists are kept apart. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";

const KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg";
/** "bullseye-security" and the like are in an archive of their own. */
const ARCHIVES = [
  [/-security$/, "http://deb.debian.org/debian-security"],
  [/./, "http://deb.debian.org/debian"],
] as const;

/** The options that every call takes; "" is this machine's sources. For a suite it fetches the lists, into `directory`. */
export async function aptOptions(suite: string, directory: string): Promise<readonly string[]> {
  // As root: the user that apt would take can't write where we do.
  const always = ["-o", "APT::Sandbox::User=root"];
  if (suite === "") return always;
  const archive = ARCHIVES.find(([names]) => names.test(suite))?.[1];
  const lists = join(directory, "lists");
  const sources = join(directory, "sources.list");
  mkdirSync(join(lists, "partial"), { recursive: true });
  writeFileSync(sources, `deb [signed-by=${KEYS}] ${archive} ${suite} main\n`);
  const settings = {
    "Dir::Etc::SourceList": sources,
    "Dir::Etc::SourceParts": "-",
    "Dir::State::Lists": lists,
    "Dir::Cache": directory,
  };
  const options = [...always, ...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
  const { failed, stderr } = await execa("apt-get", [...options, "update"], { reject: false });
  if (failed) throw new Error(`the lists of ${suite} can't be fetched: ${stderr}`);
  return options;
}
