/**
 * The thread that checks passwords: what is right, whose turn it is, and what happens at
 * its end.
 */

import { assertEquals } from "@std/assert";
import { PasswordThread } from "../../lib/auth/password_thread.ts";
import { inTime } from "../support/in_time.ts";

/** Hashes of "secret", made by htpasswd and `openssl passwd`. */
const right = [
  "$2y$04$Fy7dwb5LwlZPVJTteb8HWOZTJ1cWeV4xmDCUPiji0dTG9NmJsVwNy",
  "$5$rounds=1000$salt$CCvcOM6b7TEJDPb37Aec/9UpOg4QhPNAxPpL9ZzjTB7",
  "$6$rounds=1000$salt$HNxBeBnDfSfUrTj6KiLnmd7tGCvHEmcExh8kl/S0cZ5WrCciNZgfhbpkeFQ4JfkHX.8vPq45lY0iINnCx1Lkm.",
];

Deno.test(
  "passwords are right or wrong, and addresses take turns",
  inTime(async () => {
    const thread = await PasswordThread.start(5, () => {});
    try {
      const ends: string[] = [];
      const check = (address: string, password: string, hash: string) => {
        const checking = thread.check(address, { password, hash });
        checking?.then((isRight) => ends.push(`${address} ${isRight}`));
        return checking;
      };
      const [bcrypt, sha256, sha512] = right;
      const checks = [
        check("a", "secret", bcrypt),
        check("a", "secret", sha256),
        check("a", "Secret", sha512),
        check("a", "", bcrypt),
        check("b", "secret", sha512),
        check("c", "secret ", sha256),
      ];
      // One runs, five wait.
      assertEquals(check("d", "secret", bcrypt), null);
      await Promise.all(checks);
      assertEquals(ends, [
        ...["a true", "a true", "b true", "c false", "a false", "a false"],
      ]);
    } finally {
      thread.close();
    }
  }),
);

Deno.test(
  "what a thread leaves has no result",
  inTime(async () => {
    const thread = await PasswordThread.start(5, () => {});
    const checks = ["a", "b"].map((address) =>
      thread.check(address, { password: "x", hash: right[0] })
    );
    thread.close();
    assertEquals(await Promise.all(checks), [null, null]);
    assertEquals(thread.check("a", { password: "x", hash: right[0] }), null);
  }),
);

Deno.test(
  "a thread that fails is replaced for the next check",
  inTime(async () => {
    const log: string[] = [];
    const thread = await PasswordThread.start(5, (line) => log.push(line));
    try {
      const [hash] = right;
      const ends = ["$2y$04$", hash].map((hash) =>
        thread.check("a", { password: "secret", hash })
      );
      assertEquals(await Promise.all(ends), [null, true]);
      assertEquals(log.length, 1);
    } finally {
      thread.close();
    }
  }),
);
