import { OidcgwError } from '../errors.js'
import type { ClientOptions } from './client-options.js'

/**
 * Implicit and hybrid flows carry tokens through the browser; RFC 9700 §2.1.2 tells everybody to stop. Gateways still meet them.
 * @throws {OidcgwError} `ERR_UNSUPPORTED` unless they were allowed by name.
 */
export function assertLegacyAllowed(what: string, { allowLegacy, say }: Pick<ClientOptions, 'allowLegacy' | 'say'>): void {
  if (!allowLegacy) {
    throw new OidcgwError('ERR_UNSUPPORTED', `${what} puts tokens into the browser's hands (RFC 9700 §2.1.2)`, {
      hint: 'Use authorization_code; to test a legacy set-up say --allow-legacy',
    })
  }
  say?.(`warning: ${what} is a legacy flow (--allow-legacy)`)
}
