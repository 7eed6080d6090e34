/**
 * SHA-256 and SHA-512 as crypt(3) hashes passwords: the same as `openssl passwd` makes,
 * above all for the lengths at which its blocks end.
 */

import { assertEquals } from "@std/assert";
import { shaCrypt } from "../../lib/auth/sha_crypt.ts";

/** `openssl passwd -salt 'rounds=1000$saltstring'`, of so many times the letter p. */
const lengths: readonly [length: number, hash: string][] = [
  [0, "$5$rounds=1000$saltstring$TzAJABAaJwl111nyuH1uQy8kjHahyMHq1D7Y09hLQV1"],
  [
    0,
    "$6$rounds=1000$saltstring$CF.N.0BYYN72qUcyvvSEsw6BVOF30ljypIAf09OO9srNHWPxyxF8MeuK7MXWjGoVlM.3yAAk/owEEJQEYuWsY1",
  ],
  [1, "$5$rounds=1000$saltstring$znSbzbGTvNDRBFvysMRTNO2HBqQWzI6wMiaG1l.ktX7"],
  [
    1,
    "$6$rounds=1000$saltstring$mrfNzF/XP/kBIlRl5imuBCZpomnd/.szj4hRs74/TitlRWJRId7CcNFIaAIEVe7miJxYS8WV8bH61Vv8dDbkA.",
  ],
  [31, "$5$rounds=1000$saltstring$cIeNfSH.eYKp2INy5CSlzXcFmUIEWBmumEiPn1NjnmD"],
  [
    31,
    "$6$rounds=1000$saltstring$R4zs5LvPW080Cb9hoR792UMHosArlqM69DR5VWQoMIIH0jjpywprqnrnTYp2WWpVy5KmaRit3EjgTNoHg.YNS/",
  ],
  [32, "$5$rounds=1000$saltstring$pyMyScLW/kPyK7AgvWh3mTmVDJt8dlDqZWH1OB6Du0."],
  [
    32,
    "$6$rounds=1000$saltstring$xI.i/0fHfjSdrgGAtAyQGVBSaKlZ8tVVjrr6BVgot68uFepiruLs6bXCZUl4H.aW9PDJRdJn27JfKugaYFb.2.",
  ],
  [33, "$5$rounds=1000$saltstring$2uyEtKBJBT1PWLVQyJqJEwNlJSrr1Y1Uq8mCppQCYtC"],
  [
    33,
    "$6$rounds=1000$saltstring$qVzKBTKGWL7wBEj8DLiWVHIGO3zt63WjI8iVZRPICYNC9cLhX4qicL1/sU/vD3UzePPcGFwFSiYLGTySFvcAG0",
  ],
  [63, "$5$rounds=1000$saltstring$CtTxhZWJbcV9.vPmFf2cZYBOHKkRxm7tYGAntzAWo67"],
  [
    63,
    "$6$rounds=1000$saltstring$xI/e1P.8DRwjIfdZxQXkKEnxx2c73mu3cfMQFdyenqzAE/ROflRBPGo0WvMrJpu4g1.LPcdJb5rz6BVVgHf4H0",
  ],
  [64, "$5$rounds=1000$saltstring$yR/QZNJN13zWbPb/ahQCE0ExuEMRW/1Oi40Swi9k4jC"],
  [
    64,
    "$6$rounds=1000$saltstring$uHAQqfshHAMCeMe7JTbnUMArK7A0mDgPvaDkM0Mjd1t2vh7quv4Gn.4muttz64LAoPR4YXsqLXVJlzs9.n7gO1",
  ],
  [65, "$5$rounds=1000$saltstring$5aUyHvJ3iOo3Y0nL8MQJvVasHKkKPOEjtbiydVOuoRC"],
  [
    65,
    "$6$rounds=1000$saltstring$oOybgku335pX/0AglfABcdyLKK0UJesfqNhMEGgboTc5kPKuJPISFvXEnbcCfffVYDg5DMJS9xKw//hmsbzCS1",
  ],
  [96, "$5$rounds=1000$saltstring$r/wpWTOSpJUnroPtKsWkcH3xnBPZI1oR8zZNXF8k9MD"],
  [
    96,
    "$6$rounds=1000$saltstring$Oli7KCRcbpfH7hyBI3Sjz7Nmt83HmOIMTlp5vPbDYlKMC8P021TFac4XNuPf3JvF/2TGGaCB/M0V98bt4ZlJo.",
  ],
  [
    128,
    "$5$rounds=1000$saltstring$Vn8GWa28zL8QTtnaOpe8PLdgTm.lG.f9SQ8lT02l8JD",
  ],
  [
    128,
    "$6$rounds=1000$saltstring$75zRLIyrGDs78kyJigsjrNNMECZDQQcHf.8eilTOuOraRJSOcNAlyI.Jw73lb96cPhIF4Qq8dLN4lSkFehSKH0",
  ],
  [
    255,
    "$5$rounds=1000$saltstring$m.JfwH9YR2lxq0ERvh4dIzdDnYFoxDANfcb2y/oSdw9",
  ],
  [
    255,
    "$6$rounds=1000$saltstring$8QWlc8Xs32AOdzrz3iTzQtRdMMj439IpZuJtGxwusLgYDv7pnd7fHQcs83r6i/qJDgJRzT0eb4WRS4f1socWY1",
  ],
];

const others: readonly [password: string, hash: string][] = [
  [
    "a very much longer text to encrypt.  This one even stretches over morethan one line.",
    "$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1",
  ],
  [
    "Hello world!",
    "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA",
  ],
  [
    "grün",
    "$6$ab$egoRpOCqv0CxABPe4gxKv54F7tXnQopqcYQeenbEKSrDj1JXMLWSz4jpUkVmmeAYHs7sUTiacXiE.77FT2u.D/",
  ],
  ["x", "$5$./$voaVYfIwvgSSyPn03n4IsyzZlSP8IdV2dGOJ/PBXHA0"],
];

for (
  const [password, hash] of [
    ...lengths.map(([length, hash]) => ["p".repeat(length), hash] as const),
    ...others,
  ]
) {
  Deno.test(`shaCrypt() makes ${hash.slice(0, 40)}... of ${password.length} characters`, () => {
    assertEquals(shaCrypt(password, hash), hash);
  });
}
