import type { Exchange } from '../plugin.js'
import { readBearer, type BearerToken } from './credentials.js'
import { exchangeToken } from './token-exchange.js'
import type { AuthOutcome, OidcContext } from './types.js'

/** The access token to judge, or what the methods that want one have to say instead. */
export type AccessTokenReading = BearerToken | Extract<AuthOutcome, { kind: 'absent' | 'rejected' | 'undetermined' }>

const readings = new WeakMap<Exchange, Promise<AccessTokenReading>>()

/** The access token of a request, exchanged first where `token_exchange` says so (section 4.6); read once for all methods. */
export function accessTokenOf(exchange: Exchange, context: OidcContext): Promise<AccessTokenReading> {
  let reading = readings.get(exchange)
  if (!reading) readings.set(exchange, (reading = read(exchange, context)))
  return reading
}

async function read(exchange: Exchange, context: OidcContext): Promise<AccessTokenReading> {
  const found = await readBearer(exchange.request, context.config)
  if (found.kind === 'absent') return found
  if (found.kind === 'conflict') {
    return { kind: 'rejected', reason: 'token_invalid', detail: 'the request carries several different access tokens', fallthrough: false }
  }
  return context.config.token_exchange ? exchangeToken(found, exchange, context) : found
}
