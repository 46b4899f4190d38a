/** A JWK as a Kong document may hold one (`client_jwk`): members are strings, `key_ops` and `x5c` lists. */
export type Jwk = Readonly<Record<string, string | readonly string[] | undefined>>
