import type { ReadContext } from '../fields/read-record.js'
import { isSet, refuse } from '../plugins/plugin-fields.js'
import type { OpenIdConnectConfig } from './config.js'

type Config = Readonly<Record<string, unknown>>

/** Lists that belong together by position. */
const PAIRS: readonly (readonly [names: keyof OpenIdConnectConfig, values: keyof OpenIdConnectConfig])[] = [
  ['discovery_headers_names', 'discovery_headers_values'],
  ['authorization_query_args_names', 'authorization_query_args_values'],
  ['token_headers_names', 'token_headers_values'],
  ['token_post_args_names', 'token_post_args_values'],
  ['introspection_headers_names', 'introspection_headers_values'],
  ['introspection_post_args_names', 'introspection_post_args_values'],
  ['userinfo_headers_names', 'userinfo_headers_values'],
  ['userinfo_query_args_names', 'userinfo_query_args_values'],
  ['upstream_headers_claims', 'upstream_headers_names'],
  ['downstream_headers_claims', 'downstream_headers_names'],
]

/** Methods that proof of possession can protect (section 4.7). */
const PROTECTABLE = new Set(['bearer', 'introspection', 'session'])

/** What no single field shows: pairs of equal length, proof of possession, token exchange (section 1). */
export function checkRules(config: Config, context: ReadContext): void {
  for (const [names, values] of PAIRS) checkPair(names, values, config, context)
  checkProofOfPossession(config, context)
  checkTokenExchange(config, context)
}

function checkPair(first: string, second: string, config: Config, context: ReadContext): void {
  const [a, b] = [lengthOf(config[first]), lengthOf(config[second])]
  if (a === b) return
  const shorter = a < b ? first : second
  const given = config[first] === null ? second : config[second] === null ? first : shorter
  const entries = config[first]
  const joined = Array.isArray(entries) ? entries.find((entry) => typeof entry === 'string' && /^[\w.]+:[\w-]+$/.test(entry)) : undefined
  const [claim, header] = String(joined ?? '').split(':')
  const advice = joined === undefined ? `give ${shorter} the missing entries` : `write ${first}: [${claim}] and ${second}: [${header}]`
  refuse(context, [given], 'unequal-pair', `${first} has ${a} entries and ${second} has ${b}; they belong together by position`, advice)
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0)

function checkProofOfPossession(config: Config, context: ReadContext): void {
  if (config['proof_of_possession_auth_methods_validation'] === false) return
  const field = ['proof_of_possession_dpop', 'proof_of_possession_mtls'].find((name) => config[name] !== 'off')
  if (field === undefined) return
  const methods = config['auth_methods'] as readonly string[]
  const open = methods.filter((method) => !PROTECTABLE.has(method))
  if (open.length === 0) return
  refuse(
    context,
    [field],
    'pop-methods',
    `proof of possession cannot protect ${open.join(', ')}`,
    'write auth_methods: [bearer], or proof_of_possession_auth_methods_validation: false',
  )
}

function checkTokenExchange({ token_exchange, issuer }: Config, context: ReadContext): void {
  const issuers = (token_exchange as OpenIdConnectConfig['token_exchange'])?.subject_token_issuers ?? []
  issuers.forEach((entry, index) => {
    const trail = ['token_exchange', 'subject_token_issuers', index]
    const conditions = Object.values(entry.conditions ?? {}).some(isSet)
    const isTarget = entry.issuer !== null && bare(entry.issuer) === bare(String(issuer))
    if (isTarget && !conditions) {
      refuse(
        context,
        trail,
        'token-exchange-conditions',
        'tokens of the plugin’s own issuer are exchanged only under conditions',
        'add conditions',
      )
    } else if (!isTarget && conditions) {
      refuse(
        context,
        [...trail, 'conditions'],
        'token-exchange-conditions',
        'tokens of a foreign issuer are always exchanged',
        'leave conditions out',
      )
    }
  })
}

/** The issuer itself, whether it was given bare or as its discovery document. */
const bare = (issuer: string): string => issuer.replace(/\/\.well-known\/.*$/, '').replace(/\/$/, '')
