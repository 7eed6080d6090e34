/**
 * The pictures beside the names of a listing, as one style sheet: each is in the page
 * once, however many names have it. Must not know which name has which.
 *
 * @module
 */

import type { FileKind } from "./kinds.ts";

/** The class of a cell with a picture. */
export type Icon = FileKind | "directory" | "file" | "up";

const sheet = `<path d="M6 3h8l4 4v14H6z"/>`;

// Lines of a drawing on 24 times 24.
const drawings: Readonly<Record<Icon, string>> = {
  directory:
    `<path fill="#dc4a2d" fill-opacity=".25" d="M3 6h6l2 2h10v11H3z"/>`,
  up: `<path d="M5 20h9V5m-5 5 5-5 5 5"/>`,
  file: sheet,
  text: `${sheet}<path d="M9 10h6m-6 4h6m-6 4h4"/>`,
  code: `${sheet}<path d="m10 11-2 3 2 3m4-6 2 3-2 3"/>`,
  data: `<path d="M4 5h16v14H4zm0 5h16M4 14.5h16M10 5v14"/>`,
  document: `${sheet}<path d="M14 3v4h4M9 12h6m-6 4h6"/>`,
  image:
    `<path d="M4 5h16v14H4zm0 12 5-5 4 4 3-3 4 4"/><circle cx="15" cy="9" r="1"/>`,
  audio:
    `<path d="M9 17V6l10-2v11"/><circle cx="6.5" cy="17" r="2.5"/><circle cx="16.5" cy="15" r="2.5"/>`,
  video: `<path d="M4 5h16v14H4zm6 4v6l5-3z"/>`,
  archive: `<path d="M4 8h16v12H4zM3 4h18v4H3zm7 8h4"/>`,
};

/** The colour of the lines has a contrast of 3:1 on both backgrounds, so a picture need
 * not be there twice. */
const line = "#7d7a86";

/** A rule for each picture. */
export const iconStyle: string = Object.entries(drawings)
  .map(([icon, drawing]) =>
    `.${icon} > * { background-image: url("data:image/svg+xml,${
      encode(
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="${
          icon === "directory" ? "#dc4a2d" : line
        }" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round">${drawing}</svg>`,
      )
    }"); }\n`
  ).join("");

/** Not all of it, as `encodeURIComponent` does: only what would end the text, or is not
 * allowed in a URL. */
function encode(svg: string): string {
  return svg.replace(
    /[#<>"%]/g,
    (character) => encodeURIComponent(character),
  );
}
