/**
 * What is printed where something else than serving is asked for. Must not know how it
 * is printed.
 *
 * @module
 */

import type { Question } from "./command_line.ts";

/** @param bold whether headings are to be shown in bold */
export async function answerTo(
  question: Question,
  bold: boolean,
): Promise<string> {
  switch (question.kind) {
    case "help": {
      const { help } = await import("./help.ts");
      return help(bold, question.about);
    }
    case "limits": {
      const { limitsHelp } = await import("./limits_help.ts");
      return limitsHelp(bold);
    }
    case "completions": {
      const { completionsFor } = await import("./completions.ts");
      return completionsFor(question.shell);
    }
  }
}
