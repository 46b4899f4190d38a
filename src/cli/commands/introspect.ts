import { wantsJson, writeJson, type Command } from '../context.js'
import { EXIT } from '../exit-codes.js'
import type { ClientFlags } from './login-context.js'
import { prepareForToken } from './introspect-token.js'

export interface IntrospectFlags extends ClientFlags {
  readonly hint?: string
}

/** Asks the provider about a token; without one, about the profile's own. Inactive is exit 1. */
export const introspect: Command<[string | undefined], IntrospectFlags> = async ([argument], flags, context) => {
  const { profile, host, options, named } = await prepareForToken(argument, flags, context)
  const [{ connect }, room, { obtainTokens }] = await Promise.all([
    import('../../client/connect.js'),
    import('../../client/introspection.js'),
    import('../../client/session.js'),
  ])
  const token = named ?? (await obtainTokens(profile, host, options)).access_token
  const answer = await room.introspect(await connect(profile, host, options), token, flags.hint)
  if (wantsJson(flags)) writeJson(host, { schema: 'oidcgw/introspection/v1', ...answer })
  else host.stdout.write(introspectionText(answer, context.out))
  return answer.active ? EXIT.yes : EXIT.no
}

function introspectionText(answer: Readonly<Record<string, unknown>>, { good, bad, key }: { good: Say; bad: Say; key: Say }): string {
  const { active, ...claims } = answer
  const width = Math.max(0, ...Object.keys(claims).map((name) => name.length))
  const lines = Object.entries(claims).map(([name, value]) => `${key(name.padEnd(width))}  ${shown(name, value)}`)
  return `${[active ? good('active') : bad('inactive'), ...lines].join('\n')}\n`
}

type Say = (text: string) => string

const TIMES = new Set(['exp', 'iat', 'nbf', 'auth_time'])

function shown(name: string, value: unknown): string {
  if (TIMES.has(name) && typeof value === 'number') return `${value} (${new Date(value * 1000).toISOString()})`
  return typeof value === 'string' ? value : JSON.stringify(value)
}
