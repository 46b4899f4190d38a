import { showValue } from '../printable.js'
import { fail, pass, type Check } from './check.js'

/** A check that some claims are there at all. */
export const required =
  (spec: string, ...names: readonly string[]): Check =>
  ({ jwt: { payload } }) => {
    const missing = names.filter((name) => payload[name] === undefined)
    return missing.length === 0 ? pass('claims', spec) : fail('claims', spec, 'token_invalid', `missing: ${missing.join(', ')}`)
  }

/** A check that the token is not explicitly another kind (RFC 8725 §3.11, §3.12). `typ` itself is judged by the `typ` check. */
export const kind =
  (spec: string, allowedTypes: readonly string[], foreignClaims: readonly string[], what: string): Check =>
  ({ jwt: { header, payload }, options }) => {
    const { typ } = header
    const name = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ
    if (options.typ === undefined && name !== undefined && !(allowedTypes as readonly unknown[]).includes(name)) {
      return fail('kind', spec, 'token_wrong_type', `typ ${showValue(name)} is no ${what}`)
    }
    const foreign = foreignClaims.find((claim) => payload[claim] !== undefined)
    return foreign === undefined
      ? pass('kind', spec)
      : fail('kind', spec, 'token_wrong_type', `claim ${foreign} does not belong in ${what}`)
  }
