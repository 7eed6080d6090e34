/**
 * The scripts by which shells complete the command line, made of the table of options.
 * Pure.
 *
 * @module
 */

import { defaultLimits } from "../limits.ts";
import { allOptions, type Option, type Shell } from "./option_table.ts";

/** The script for a shell. */
export function completionsFor(shell: Shell): string {
  switch (shell) {
    case "bash":
      return bash();
    case "zsh":
      return zsh();
    case "fish":
      return fish();
  }
}

const options = Object.entries(allOptions);
const limits = Object.keys(defaultLimits);

/** What comes before the first semicolon says enough in a list. */
function summary({ help }: Option): string {
  return help.split("; ")[0];
}

function quoted(text: string, escaped: string): string {
  return `'${text.replaceAll("'", escaped)}'`;
}

function bash(): string {
  const flags = ([name, { short }]: [string, Option]) =>
    short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
  const cases = options.filter(([, { takes }]) => takes !== undefined)
    .map((entry) =>
      `    ${flags(entry).join("|")}) ${bashValues(entry[1])}; return ;;`
    );
  return `# Completes skein in bash: source <(skein --completions bash)
_skein() {
  local IFS=$'\\n' word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  # Bash takes --app=main.ts for three words.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
  case $before in
${cases.join("\n")}
    --help|-h|help) _skein_words limits; return ;;
  esac
  if [[ $word == -* ]]; then
    _skein_words ${options.flatMap(flags).join(" ")}
    return
  fi
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -d -- "$word"))
  if [[ $COMP_CWORD == 1 && help == "$word"* ]]; then COMPREPLY+=(help); fi
}
_skein_words() {
  COMPREPLY=($(compgen -W "$(printf '%s\\n' "$@")" -- "$word"))
  if [[ \${COMPREPLY[0]} == *[:=] ]]; then compopt -o nospace 2>/dev/null; fi
}
_skein_files() {
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$word"))
}
complete -F _skein skein`;
}

function bashValues({ values }: Option): string {
  switch (values) {
    case undefined:
      return ":";
    case "files":
      return "_skein_files";
    case "limits":
      return `_skein_words ${limits.map((name) => `${name}=`).join(" ")}`;
    default:
      return `_skein_words ${values.join(" ")}`;
  }
}

function zsh(): string {
  return `#compdef skein
# Completes skein in zsh: source <(skein --completions zsh), behind compinit
_skein() {
  if [[ $words[CURRENT-1] == (help|--help|-h) ]]; then compadd limits; return; fi
  _arguments -s -S \\
${options.map((entry) => `    ${zshOption(entry)} \\`).join("\n")}
    '1:ROOT:_skein_root'
}
_skein_root() {
  _alternative 'help:help:(help)' 'roots:ROOT:_directories'
}
if [[ $funcstack[1] == _skein ]]; then _skein "$@"; else compdef _skein skein; fi`;
}

function zshOption([name, option]: [string, Option]): string {
  const { short, takes, repeatable } = option;
  const value = takes === undefined
    ? ""
    : `:${zshText(takes)}:${zshValues(option)}`;
  const rest = `[${zshText(summary(option))}]${value}`;
  const long = `--${name}${takes === undefined ? "" : "="}`;
  if (short === undefined) {
    return quoted(`${repeatable ? "*" : ""}${long}${rest}`, "'\\''");
  }
  const once = repeatable ? "'*'" : quoted(`(-${short} --${name})`, "");
  const letter = `-${short}${takes === undefined ? "" : "+"}`;
  return `${once}{${letter},${long}}${quoted(rest, "'\\''")}`;
}

function zshText(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, "\\$&");
}

function zshValues({ values }: Option): string {
  switch (values) {
    case undefined:
      return "";
    case "files":
      return "_files";
    case "limits":
      // A leading space: the words are a command as they are.
      return ` compadd -S = - ${limits.join(" ")}`;
    default:
      return `(${values.map(zshText).join(" ")})`;
  }
}

function fish(): string {
  return `# Completes skein in fish: skein --completions fish | source
complete -c skein -f -a '(__fish_complete_directories)'
complete -c skein -n __fish_is_first_arg -a help -d 'print the help'
complete -c skein -n '__fish_prev_arg_in help --help -h' -a limits
${options.map(fishOption).join("\n")}`;
}

function fishOption([name, option]: [string, Option]): string {
  const { short, takes, values } = option;
  const words = values === "limits"
    ? limits.map((limit) => `${limit}=`)
    : values === "files"
    ? []
    : values ?? [];
  return [
    "complete -c skein",
    short && `-s ${short}`,
    `-l ${name}`,
    takes !== undefined && (values === "files" ? "-r -F" : "-x"),
    words.length > 0 && `-a ${quoted(words.join(" "), "\\'")}`,
    `-d ${quoted(summary(option), "\\'")}`,
  ].filter((part) => part).join(" ");
}
