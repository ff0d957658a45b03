/** Writes the flags of the command line for the front door: src/executor/generated/command_line.h. */
import { commands } from "../cli/declaration.ts";
import { type Flags, globalFlags } from "../cli/flags.ts";

interface Row {
  readonly command: string;
  readonly name: string;
  readonly short: string | undefined;
  readonly takesValue: boolean;
}

function rows(command: string, flags: Flags): Row[] {
  return Object.entries(flags).map(([name, { kind, short }]) => ({
    command,
    name,
    short,
    takesValue: kind.placeholder !== undefined,
  }));
}

/** The C header: one row for each flag of each command, "" for the flags of tsoci itself. */
export function commandLineHeader(): string {
  const all = [...rows("", globalFlags), ...Object.entries(commands).flatMap(([name, { flags }]) => rows(name, flags))];
  return [
    "/* Generated from src/cli/declaration.ts by src/build/command-line-header.ts; do not edit. */",
    "#ifndef TSOCI_GENERATED_COMMAND_LINE_H",
    "#define TSOCI_GENERATED_COMMAND_LINE_H",
    "#include <stdbool.h>",
    "struct flag_entry {",
    "    const char *command;",
    "    const char *name;",
    "    char short_name;",
    "    bool takes_value;",
    "};",
    "static const struct flag_entry FLAG_TABLE[] = {",
    ...all.map(
      ({ command, name, short, takesValue }) =>
        `    { "${command}", "${name}", ${short === undefined ? 0 : `'${short}'`}, ${takesValue} },`,
    ),
    "};",
    "#endif",
    "",
  ].join("\n");
}
