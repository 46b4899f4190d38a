import type { OpenIdConnectConfig } from '../../../kong/openid-connect/config.js'
import type { Exchange } from '../plugin.js'
import { findArgument } from './request-arguments.js'

/**
 * Which configured client a request asks for: the argument `client_arg` holds a client id or a 1-based position; `X-<Client-Arg>` or
 * `<Client-Arg>`, then query, then body. Unknown means the first. Nobody looks when there is only one.
 */
export async function chooseClient({ request }: Exchange, config: OpenIdConnectConfig): Promise<number> {
  const clients = config.client_id ?? []
  if (clients.length < 2) return 0
  const value =
    (await findArgument(request, `x-${config.client_arg}`, ['header']))?.value ??
    (await findArgument(request, config.client_arg, ['header', 'query', 'body']))?.value
  if (value === undefined) return 0
  const named = clients.indexOf(value)
  if (named >= 0) return named
  const position = /^[1-9]\d{0,3}$/.test(value) ? Number(value) - 1 : -1
  return position >= 0 && position < clients.length ? position : 0
}

const chosen = new WeakMap<Exchange, number>()

/** Remembers the choice for the methods: it is made once a request. */
export const setClientIndex = (exchange: Exchange, index: number): void => void chosen.set(exchange, index)

/** The client position of this request; 0 until one was chosen. */
export const clientIndexOf = (exchange: Exchange): number => chosen.get(exchange) ?? 0
