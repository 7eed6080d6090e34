/**
 * The completions of the command line, as real shells make them.
 */

import { assertEquals } from "@std/assert";
import { completionsFor } from "../../lib/cli/completions.ts";
import { type Shell, shells } from "../../lib/cli/option_table.ts";
import { inTime } from "../support/in_time.ts";
import { makeTree, type Tree } from "../support/tree.ts";

interface Case {
  /** What is typed before the Tab key. */
  readonly typed: string;
  /** All that the shell may put in place of the last word. */
  readonly words: readonly string[];
}

const cases: readonly Case[] = [
  { typed: "skein --proxy", words: ["--proxy-protocol"] },
  { typed: "skein -q --print", words: ["--print-config"] },
  { typed: "skein --isolation str", words: ["strict"] },
  { typed: "skein --isolation=str", words: ["strict"] },
  { typed: "skein --log-format js", words: ["json"] },
  { typed: "skein --completions f", words: ["fish"] },
  {
    typed: "skein --limit maxConn",
    words: ["maxConnections=", "maxConnectionsPerAddress="],
  },
  { typed: "skein --limit maxBodyM", words: ["maxBodyMemoryBytes="] },
  { typed: "skein --app ma", words: ["main.ts", "maps/"] },
  { typed: "skein --app main", words: ["main.ts"] },
  { typed: "skein --app=main", words: ["main.ts"] },
  { typed: "skein --tls-cert maps/", words: ["maps/a b.pem"] },
  // ROOT is a directory.
  { typed: "skein ma", words: ["maps/"] },
  { typed: "skein --watch ma", words: ["maps/"] },
  { typed: "skein he", words: ["help"] },
  { typed: "skein help li", words: ["limits"] },
  // A value that a shell knows nothing of.
  { typed: "skein -p ma", words: [] },
];

const lines = cases.map(({ typed }) => typed);

/** As bash splits a line by COMP_WORDBREAKS. It is bash itself that adds a slash. */
const askBash = `complete -p skein >/dev/null
for line in "$@"; do
  COMP_WORDS=($(sed 's/=/ = /g' <<<"$line"))
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
  _skein
  for word in "\${COMPREPLY[@]}"; do
    [[ -d $word && $word != */ ]] && word+=/
    echo "$word"
  done
  echo ---
done`;

const askFish = `for line in $argv
  complete -C $line | string replace -r '\\t.*' '' | string replace -r '^--.*=(?=.)' ''
  echo ---
end`;

/** Zsh completes only on a terminal, so this types every line into one, and the Tab key
 * behind it. */
const askZsh = `zmodload zsh/zpty
zpty terminal zsh -f -i
zpty -w terminal 'autoload -Uz compinit; compinit -u -D; source ../skein
told() { print -r -- "$BUFFER" >> ../told; BUFFER= }
zle -N told; bindkey "^T" told; setopt no_beep'
for line in "$@"; do zpty -w -n terminal "$line"$'\t\x14'; done
zpty -w terminal exit
while zpty -r terminal line; do :; done
cat ../told`;

/** What a shell prints that is asked for each line. */
async function ask(
  tree: Tree,
  shell: string,
  args: readonly string[],
): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(shell, {
    args: [...args, ...lines],
    cwd: tree.root,
    env: { HOME: tree.path("."), TERM: "dumb" },
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout);
}

/** The words that are offered, in a list for each line. */
function listsIn(text: string): string[][] {
  return text.split("---\n").slice(0, -1)
    .map((list) => list.split("\n").slice(0, -1).toSorted());
}

/** A line with what all words begin with, and a space behind the only word. */
function completed({ typed, words }: Case): string {
  if (words.length === 0) return typed;
  const [first] = words;
  let length = first.length;
  while (!words.every((word) => word.startsWith(first.slice(0, length)))) {
    length--;
  }
  const isWhole = words.length === 1 && !/[/=]$/.test(first);
  const [before] = /^.*[ =]/.exec(typed)!;
  return before + first.slice(0, length).replace(/ /g, "\\ ") +
    (isWhole ? " " : "");
}

const words = cases.map((each) => [...each.words]);

const tests: Readonly<Record<Shell, (tree: Tree) => Promise<void>>> = {
  async bash(tree) {
    const script = `source ../skein; ${askBash}`;
    const text = await ask(tree, "bash", ["--norc", "-c", script, ""]);
    assertEquals(listsIn(text), words);
  },
  async fish(tree) {
    const script = `source ../skein; ${askFish}`;
    const text = await ask(tree, "fish", ["--no-config", "-c", script]);
    assertEquals(listsIn(text), words);
  },
  async zsh(tree) {
    const text = await ask(tree, "zsh", ["-f", "-c", askZsh, ""]);
    assertEquals(text.split("\n").slice(0, -1), cases.map(completed));
  },
};

for (const shell of shells) {
  const missing = !isInstalled(shell);
  Deno.test({
    name: missing
      ? `${shell} completes the command line (skipped: there is no ${shell})`
      : `${shell} completes the command line`,
    ignore: missing,
    fn: inTime(async () => {
      using tree = await makeTree({
        "www/main.ts": "",
        "www/maps/a b.pem": "",
        skein: completionsFor(shell),
      });
      await tests[shell](tree);
    }),
  });
}

function isInstalled(shell: string): boolean {
  try {
    const { success } = new Deno.Command(shell, { args: ["-c", "exit"] })
      .outputSync();
    return success;
  } catch {
    return false;
  }
}
