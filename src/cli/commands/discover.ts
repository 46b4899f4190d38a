import type { DiscoveryDocument } from '../../client/discovery-document.js'
import type { MetadataFinding } from '../../client/metadata-lint.js'
import { OidcgwError } from '../../errors.js'
import { loadBook } from '../../profile/cached-book.js'
import type { Palette } from '../../render/palette.js'
import { wantsJson, writeJson, type Command, type CommandContext, type SharedOptions } from '../context.js'
import { EXIT } from '../exit-codes.js'
import { clientOptions } from './login-context.js'

export interface DiscoverFlags {
  readonly check?: boolean
}

/** Shows what a provider publishes; with `--check` also what is wrong with it, exit 1 for an error. */
export const discover: Command<[string | undefined], DiscoverFlags> = async ([named], flags, context) => {
  const { host, out } = context
  const [{ readDiscovery }, { lintDiscovery }] = await Promise.all([
    import('../../client/discovery-document.js'),
    import('../../client/metadata-lint.js'),
  ])
  const document = await readDiscovery(named ?? (await issuerOf(flags, context)), host, await clientOptions(flags, host))
  const findings = flags.check ? lintDiscovery(document, host.now()) : []
  if (wantsJson(flags)) {
    const { issuer, url, metadata, keys } = document
    writeJson(host, {
      schema: 'oidcgw/discovery/v1',
      issuer,
      url: url.href,
      metadata,
      ...('jwks' in keys ? { jwks: keys.jwks } : keys),
      ...(flags.check && { findings }),
    })
  } else host.stdout.write(flags.check ? findingsText(findings, out) : documentText(document, out))
  return findings.some(({ severity }) => severity === 'error') ? EXIT.no : EXIT.yes
}

/** `--issuer`, or the issuer of the profile: no client is needed to look. */
async function issuerOf(flags: SharedOptions, { host: { env }, host }: CommandContext): Promise<string> {
  const flag = flags.issuer ?? env['OIDCGW_ISSUER']
  if (flag) return flag
  const book = await loadBook(host, flags.config)
  const name = flags.profile ?? (env['OIDCGW_PROFILE'] || book.default_profile)
  const names = Object.keys(book.profiles)
  const hint = names.length > 0 ? `Profiles: ${names.join(', ')}` : 'Write oidcgw discover https://idp.example'
  if (name === undefined) throw new OidcgwError('ERR_USAGE', 'no issuer was named', { hint })
  const entry = Object.hasOwn(book.profiles, name) ? book.profiles[name] : undefined
  if (!entry) throw new OidcgwError('ERR_PROFILE_UNKNOWN', `no profile named "${name}"`, { hint })
  if (!entry.issuer) throw new OidcgwError('ERR_CONFIG_INVALID', `${name}: no issuer`, { where: entry.where })
  return entry.issuer
}

function documentText({ metadata, keys }: DiscoveryDocument, { key, dim }: Palette): string {
  const width = Math.max(...Object.keys(metadata).map((name) => name.length))
  const lines = Object.entries(metadata).map(([name, value]) => `${key(name.padEnd(width))}  ${text(value)}`)
  const listed = 'jwks' in keys && Array.isArray(keys.jwks['keys']) ? (keys.jwks['keys'] as Record<string, unknown>[]) : []
  const keyLines = listed.map(
    ({ kid, kty, crv, alg, use }) => `${key('key'.padEnd(width))}  ${[kid, kty, crv, alg, use].filter(Boolean).join(' ')}`,
  )
  return `${[...lines, ...keyLines, ...('problem' in keys ? [dim(`keys: ${keys.problem}`)] : [])].join('\n')}\n`
}

function findingsText(findings: readonly MetadataFinding[], { bad, warn, dim, good }: Palette): string {
  const paint = { error: bad, warn, notice: dim, info: dim }
  const lines = findings.map(
    ({ id, key, severity, message, spec }) => `${paint[severity](severity.padEnd(6))}  ${id} ${key}: ${message} (${spec})`,
  )
  return `${lines.length > 0 ? lines.join('\n') : good('nothing to complain about')}\n`
}

const text = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Array.isArray(value) && value.every((one) => typeof one === 'string')
      ? value.join(' ')
      : JSON.stringify(value)
