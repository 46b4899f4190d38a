import type { Check } from './check.js'
import { alg, crit, typ } from './header.js'
import { aud, iss } from './parties.js'
import { key, signature } from './signature.js'
import { exp, iat, nbf } from './time.js'

/** The checks of every token, in the order in which they are listed. */
export const CHECKS = { alg, crit, key, signature, typ, exp, nbf, iat, iss, aud } satisfies Record<string, Check>
