import { pairs } from '../../provider/pairs.js'
import type { ProviderCall } from '../../provider/provider.js'
import type { ProviderClient } from '../../provider/client.js'
import type { Exchange } from '../plugin.js'
import { clientArgument, headerArgument } from './request-arguments.js'

/** Fields of one family that shape a call: fixed headers and the caller's own ones. */
interface HeaderFields {
  readonly names: readonly string[] | null
  readonly values: readonly string[] | null
  readonly client: readonly string[] | null
}

/** Extra request headers: the fixed ones, then copies of the caller's. */
export function extraHeaders({ request }: Exchange, { names, values, client }: HeaderFields): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of pairs(names, values)) headers[name.toLowerCase()] = value
  for (const name of client ?? []) {
    const value = headerArgument(request, name)
    if (value !== undefined) headers[name.toLowerCase()] = value
  }
  return headers
}

/** Extra arguments: the fixed ones, then those the caller supplies in query, body or header. */
export async function extraArguments(
  { request }: Exchange,
  { names, values, client }: HeaderFields,
): Promise<[name: string, value: string][]> {
  const found: [string, string][] = pairs(names, values)
  for (const name of client ?? []) {
    const value = await clientArgument(request, name)
    if (value !== undefined) found.push([name, value])
  }
  return found
}

/** A call for this request: its trace, its certificates. */
export const callFor = (exchange: Exchange, client: ProviderClient, headers: Readonly<Record<string, string>> = {}): ProviderCall => ({
  client,
  headers,
  trace: exchange.trace,
  certificates: exchange.config.certificates,
})
