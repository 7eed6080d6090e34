/** Paths as clients send them, for tests of whoever decodes or serves them. */

/** A path, and what is to become of it. */
export interface PathCase {
  /** As it is sent. */
  readonly path: string;
  /** Its segments; `null` where it has to be refused. */
  readonly want: string[] | null;
  /** What is special about it. */
  readonly why: string;
}

/** Every known way to spell a way out, and what looks like one. */
export const pathCases: readonly PathCase[] = [
  { path: "/", want: [], why: "the top" },
  { path: "/a", want: ["a"], why: "a name" },
  { path: "/a/b/c.txt", want: ["a", "b", "c.txt"], why: "names" },
  { path: "/a/", want: ["a"], why: "a trailing slash" },
  { path: "//a///b//", want: ["a", "b"], why: "empty segments" },
  { path: "/a%20b", want: ["a b"], why: "a space" },
  { path: "/a+b", want: ["a+b"], why: "a plus, which is none" },
  { path: "/%C3%A9", want: ["é"], why: "UTF-8" },
  { path: "/%f0%9f%a7%b6", want: ["🧶"], why: "UTF-8 of four bytes" },
  { path: "/100%25", want: ["100%"], why: "a percent sign" },
  { path: "/a%23b%3Fc", want: ["a#b?c"], why: "what would end a path" },
  { path: "/a;b=1", want: ["a;b=1"], why: "parameters, which are a name" },
  { path: "/a%0D%0Ab", want: ["a\r\nb"], why: "a line's end in a name" },
  { path: "/...", want: ["..."], why: "three dots" },
  { path: "/..a", want: ["..a"], why: "a name that begins with two dots" },
  { path: "/a..", want: ["a.."], why: "a name that ends with two dots" },
  { path: "/a.", want: ["a."], why: "a name that ends with a dot" },
  { path: "/~root", want: ["~root"], why: "a tilde" },
  { path: "/C:", want: ["C:"], why: "a drive" },

  { path: "/..", want: null, why: "the way up" },
  { path: "/../etc/passwd", want: null, why: "the way up, first" },
  { path: "/a/../../etc/passwd", want: null, why: "the way up, in between" },
  { path: "/a/..", want: null, why: "the way up, last" },
  { path: "/a/../", want: null, why: "the way up, with a slash" },
  { path: "/.", want: null, why: "a dot" },
  { path: "/a/./b", want: null, why: "a dot in between" },
  { path: "/%2e%2e/etc/passwd", want: null, why: "encoded dots" },
  { path: "/%2E%2E/etc/passwd", want: null, why: "encoded dots, upper case" },
  { path: "/.%2e/etc/passwd", want: null, why: "one encoded dot" },
  { path: "/%2e./etc/passwd", want: null, why: "the other encoded dot" },
  { path: "/%2e", want: null, why: "an encoded dot" },
  { path: "/%2e%2e%2fetc", want: null, why: "encoded dots and slash" },
  { path: "/..%2f..%2fetc%2fpasswd", want: null, why: "encoded slashes" },
  { path: "/a%2fb", want: null, why: "an encoded slash" },
  { path: "/a%2Fb", want: null, why: "an encoded slash, upper case" },
  { path: "/%2fetc/passwd", want: null, why: "an absolute path, encoded" },
  { path: "//etc/passwd", want: ["etc", "passwd"], why: "an absolute path" },
  { path: "/..\\..\\etc", want: null, why: "backslashes" },
  { path: "/a\\b", want: null, why: "a backslash" },
  { path: "/a%5cb", want: null, why: "an encoded backslash" },
  { path: "/%5c%5chost%5cshare", want: null, why: "a UNC path" },
  { path: "/a%00", want: null, why: "NUL" },
  { path: "/a%00.html", want: null, why: "NUL before an extension" },
  { path: "/\0", want: null, why: "NUL as it is" },

  // Decoded once: what a second decoding would find is part of a name.
  { path: "/%252e%252e/a", want: ["%2e%2e", "a"], why: "dots encoded twice" },
  { path: "/..%252fetc", want: ["..%2fetc"], why: "a slash encoded twice" },
  { path: "/a%2500", want: ["a%00"], why: "NUL encoded twice" },

  { path: "/%c0%ae%c0%ae/etc", want: null, why: "overlong dots" },
  { path: "/%c0%af", want: null, why: "an overlong slash" },
  { path: "/%e0%80%ae", want: null, why: "an overlong dot of three bytes" },
  { path: "/%f0%80%80%ae", want: null, why: "an overlong dot of four bytes" },
  { path: "/%c0%80", want: null, why: "an overlong NUL" },
  { path: "/%ff", want: null, why: "no UTF-8 at all" },
  { path: "/%c3", want: null, why: "UTF-8 cut short" },
  { path: "/%ed%a0%80", want: null, why: "half of a surrogate pair" },
  { path: "/%", want: null, why: "nothing after the percent sign" },
  { path: "/%2", want: null, why: "one digit after the percent sign" },
  { path: "/%zz", want: null, why: "no digits after the percent sign" },
  { path: "/%u002e%u002e", want: null, why: "IIS's own encoding" },

  // They look like dots and slashes, and are letters to a file system.
  { path: "/%ef%bc%8e%ef%bc%8e", want: ["．．"], why: "fullwidth dots" },
  { path: "/%e2%88%95", want: ["∕"], why: "a division slash" },
];

/** Paths that are hidden, some of them by what they are called in other spellings, and
 * some that only look as if they were `.well-known` (RFC 8615). */
export const hiddenPaths: readonly string[] = [
  "/.env",
  "/%2eenv",
  "/.git/config",
  "/.git/",
  "/.git",
  "/.cellar/",
  "/.index",
  "/docs/.htaccess",
  "/docs/.well-known/x",
  "/.well-known/.secret",
  "/..suspicious",
  "/.wel%6c-knownn",
  "/.Well-Known/security.txt",
];

/** Spellings of the one that is not. */
export const wellKnownPaths: readonly string[] = [
  "/.well-known/security.txt",
  "/%2ewell-known/security.txt",
];
