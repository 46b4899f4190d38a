import { OidcgwError } from '../../../../errors.js'
import { CHECKS } from '../../../../jwt/checks/index.js'
import { readCompactJwt } from '../../../../jwt/compact.js'
import type { JsonObject } from '../../../../jwt/types.js'
import type { Exchange } from '../../plugin.js'
import { clientIndexOf } from '../client-choice.js'
import type { OidcContext } from '../types.js'
import { firstFailureOf } from './run-checks.js'

const CHECKS_OF_ANSWERS = [CHECKS.alg, CHECKS.crit, CHECKS.key, CHECKS.signature, CHECKS.iss, CHECKS.exp, CHECKS.nbf]

/**
 * A signed answer of the provider itself (introspection, RFC 9701; userinfo, OIDC Core §5.3.2; the JWT of JARM): its keys, its issuer when
 * it names one, and its times when it has any. One rediscovery on an unknown key.
 * @throws {OidcgwError} `ERR_PROVIDER_RESPONSE` when it does not verify.
 */
export async function verifySignedAnswer(
  name: string,
  jwt: string,
  exchange: Exchange,
  context: OidcContext,
): Promise<{ readonly header: JsonObject; readonly claims: JsonObject }> {
  const reading = readCompactJwt(jwt, { maxBytes: 1024 * 1024 })
  if (reading.problem !== undefined) throw new OidcgwError('ERR_PROVIDER_RESPONSE', `the ${name} answer is no JWT: ${reading.problem}`)
  const verify = async () => {
    const discovered = await context.provider.discover(exchange.trace)
    const options = {
      keys: context.provider.keys(discovered, clientIndexOf(exchange)),
      now: exchange.now(),
      leewaySeconds: context.config.leeway,
      requireExp: false,
      lenientTimes: true,
      ...(reading.value.payload['iss'] !== undefined && { issuer: discovered.metadata.issuer }),
    }
    return firstFailureOf(reading.value, options, CHECKS_OF_ANSWERS)
  }
  let failure = await verify()
  if (failure?.code === 'token_unknown_key' && (await context.provider.renewKeys(exchange.trace))) failure = await verify()
  if (!failure || !context.config.verify_signature) return { header: reading.value.header, claims: reading.value.payload }
  throw new OidcgwError('ERR_PROVIDER_RESPONSE', `the ${name} answer does not verify: ${failure.check}: ${failure.reason ?? 'refused'}`)
}
