/**
 * What kind of thing a name stands for: by its extension, or as a whole where names
 * without one are known. Pure; must not know media types or how a kind is displayed.
 *
 * @module
 */

/** A kind of file that readers tell apart at a glance. */
export type FileKind =
  | "archive"
  | "audio"
  | "code"
  | "data"
  | "document"
  | "image"
  | "text"
  | "video";

// Text that people write for a machine to read.
const code = words(
  "asm bash bat c cc clj cljs cmake cmd cpp cs css cts cxx dart diff el elm erl ex " +
    "exs fish fs glsl go gradle graphql groovy h hcl hh hpp hrl hs htm html hxx java " +
    "jl js json json5 jsonc jsx kt kts less lisp lua m mjs cjs mk ml mli mts nim nix " +
    "pas patch php pl pm proto ps1 py pyi r rb rs s sass scala scss sh sql svelte " +
    "swift tcl tf ts tsx v vb vhd vim vue wgsl xml yaml yml zig zsh",
);

// Text for people, or for both.
const text = words(
  "adoc bib cfg conf env ini lock log markdown md nfo org properties rst srt tex " +
    "text textile toml txt vtt",
);

const kinds: readonly (readonly [FileKind, ReadonlySet<string>])[] = [
  ["code", code],
  ["text", text],
  [
    "image",
    words(
      "avif bmp gif heic ico jpeg jpg jxl png psd svg svgz tif tiff webp xcf",
    ),
  ],
  ["audio", words("aac aif aiff flac m4a mid mp3 oga ogg opus wav weba wma")],
  ["video", words("avi flv m4v mkv mov mp4 mpeg mpg ogv webm wmv")],
  [
    "archive",
    words(
      "7z apk br bz2 crx deb dmg gz iso jar lz lz4 rar rpm tar tbz tgz txz war whl " +
        "xpi xz zip zst",
    ),
  ],
  [
    "document",
    words("djvu doc docx epub key mobi odp odt pdf pptx ppt ps rtf"),
  ],
  [
    "data",
    words("csv db geojson ndjson ods parquet sqlite sqlite3 tsv xls xlsx"),
  ],
];

// In capitals, as they are written: a page of a site may well be called `license`.
const textNames = words(
  "AUTHORS BUILD CHANGELOG CHANGES CODEOWNERS CONTRIBUTING CONTRIBUTORS COPYING " +
    "Containerfile Dockerfile GNUmakefile Gemfile HISTORY INSTALL Jenkinsfile " +
    "Justfile LICENCE LICENSE MAINTAINERS MANIFEST Makefile NEWS NOTICE PATENTS " +
    "Procfile README Rakefile THANKS TODO VERSION Vagrantfile justfile makefile",
);

/** What a file is by its name; `null` where the name does not tell. */
export function kindOf(name: string): FileKind | null {
  const extension = extensionOf(name);
  if (extension === null) return textNames.has(name) ? "text" : null;
  return kinds.find(([, extensions]) => extensions.has(extension))?.[0] ?? null;
}

/** Whether people read the file as it is, as they read the source of a program. */
export function isSource(name: string): boolean {
  const extension = extensionOf(name);
  return extension === null
    ? textNames.has(name)
    : code.has(extension) || text.has(extension);
}

/** In lower case and without its dot. `null` for a file that is named `png`: that is no
 * picture. */
export function extensionOf(name: string): string | null {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? null : name.slice(dot + 1).toLowerCase();
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}
