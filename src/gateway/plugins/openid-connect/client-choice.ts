import type { OpenIdConnectConfig } from '../../../kong/openid-connect/config.js'
import type { GatewayRequest } from '../../request.js'
import { perExchange } from '../per-exchange.js'
import type { Exchange } from '../plugin.js'
import { findArgument } from './request-arguments.js'
import type { Eventually } from './types.js'

/**
 * Which configured client a request asks for: the argument `client_arg` holds a client id or a 1-based position; `X-<Client-Arg>` or
 * `<Client-Arg>`, then query, then body. Unknown means the first. Nobody looks when there is only one.
 */
export const chooseClient = ({ request }: Exchange, config: OpenIdConnectConfig): Eventually<number> =>
  config.client_id === null || config.client_id.length < 2 ? 0 : chooseAmong(config.client_id, request, config)

async function chooseAmong(clients: readonly string[], request: GatewayRequest, config: OpenIdConnectConfig): Promise<number> {
  const value =
    (await findArgument(request, `x-${config.client_arg}`, ['header']))?.value ??
    (await findArgument(request, config.client_arg, ['header', 'query', 'body']))?.value
  if (value === undefined) return 0
  const named = clients.indexOf(value)
  if (named >= 0) return named
  const position = /^[1-9]\d{0,3}$/.test(value) ? Number(value) - 1 : -1
  return position >= 0 && position < clients.length ? position : 0
}

const chosen = perExchange<number>('client index')

/** Remembers the choice for the methods: it is made once a request. */
export const setClientIndex = (exchange: Exchange, index: number): void => chosen.set(exchange, index)

/** The client position of this request; 0 until one was chosen. */
export const clientIndexOf = (exchange: Exchange): number => chosen.get(exchange) ?? 0
