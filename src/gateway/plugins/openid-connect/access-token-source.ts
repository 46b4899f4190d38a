import { perExchange } from '../per-exchange.js'
import type { Exchange } from '../plugin.js'
import { readBearer, type BearerReading, type BearerToken } from './credentials.js'
import { after } from './eventually.js'
import { exchangeToken } from './token-exchange.js'
import type { AuthOutcome, Eventually, OidcContext } from './types.js'

/** The access token to judge, or what the methods that want one have to say instead. */
export type AccessTokenReading = BearerToken | Extract<AuthOutcome, { kind: 'absent' | 'rejected' | 'undetermined' }>

const readings = perExchange<Eventually<AccessTokenReading>>('access token')

/** The access token of a request, exchanged first where `token_exchange` says so (section 4.6); read once for all methods. */
export function accessTokenOf(exchange: Exchange, context: OidcContext): Eventually<AccessTokenReading> {
  let reading = readings.get(exchange)
  if (!reading) readings.set(exchange, (reading = read(exchange, context)))
  return reading
}

const read = (exchange: Exchange, context: OidcContext): Eventually<AccessTokenReading> =>
  after(readBearer(exchange.request, context.config), (found) => judge(found, exchange, context))

function judge(found: BearerReading, exchange: Exchange, context: OidcContext): Eventually<AccessTokenReading> {
  if (found.kind === 'absent') return found
  if (found.kind === 'conflict') {
    return { kind: 'rejected', reason: 'token_invalid', detail: 'the request carries several different access tokens', fallthrough: false }
  }
  return context.config.token_exchange ? exchangeToken(found, exchange, context) : found
}
