import { isGood } from '../../client/obtain-options.js'
import { openStore } from '../../client/store/open.js'
import { storeKey, type StoredEntry } from '../../client/store/store.js'
import { OidcgwError } from '../../errors.js'
import { formatDuration } from '../../config/duration.js'
import type { Host } from '../../host.js'
import { maskToken } from '../../http/redact.js'
import { stateFolder } from '../../profile/paths.js'
import { wantsJson, writeJson, type Command } from '../context.js'
import { EXIT } from '../exit-codes.js'
import { clientOptions, prepareClient, type ClientFlags } from './login-context.js'

/** What is kept: one line an entry, tokens masked. */
export const storeList: Command<[], ClientFlags> = async (_, flags, { host, out }) => {
  const store = await openStore(host, await clientOptions(flags, host))
  const entries = await store.list()
  if (wantsJson(flags)) {
    writeJson(host, { schema: 'oidcgw/store/v1', kind: store.kind, entries: entries.map(({ key, entry }) => documentOf(key, entry, host)) })
    return EXIT.yes
  }
  const rows = entries.map(({ entry }) => [
    entry.profile,
    text(entry.facts['issuer']),
    text(entry.facts['scope'] ?? '-'),
    lifeOf(entry, host),
  ])
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)))
  for (const row of rows)
    host.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    )
  if (rows.length === 0 && !flags.quiet) host.stderr.write(`${out.dim('nothing is stored')} (${store.description})\n`)
  return EXIT.yes
}

/** One profile's entry, tokens masked. */
export const storeShow: Command<[string | undefined], ClientFlags> = async ([name], flags, context) => {
  const { profile, host, options } = await prepareClient(name, flags, context)
  const store = await openStore(host, options)
  const key = storeKey(profile)
  const entry = await store.load(key)
  if (!entry) throw new OidcgwError('ERR_NO_TOKEN', `profile ${profile.name}: nothing is stored`, { hint: `oidcgw login ${profile.name}` })
  const { schema, ...document } = { schema: 'oidcgw/store-entry/v1', ...documentOf(key, entry, host) }
  if (wantsJson(flags)) writeJson(host, { schema, ...document })
  else for (const [label, value] of Object.entries(document)) host.stdout.write(`${label.padEnd(16)}${text(value)}\n`)
  return EXIT.yes
}

/** Forgets one profile's tokens, or all. */
export const storeClear: Command<[string | undefined], ClientFlags & { readonly all?: boolean }> = async ([name], flags, context) => {
  if (flags.all && name !== undefined) throw new OidcgwError('ERR_USAGE', 'name a profile or say --all, not both')
  const { host } = context
  let cleared = 0
  if (flags.all) {
    const store = await openStore(host, await clientOptions(flags, host))
    cleared = await store.clear()
  } else {
    const { profile, options } = await prepareClient(name, flags, context)
    const store = await openStore(host, options)
    cleared = (await store.load(storeKey(profile))) ? 1 : 0
    await store.remove(storeKey(profile))
  }
  if (wantsJson(flags)) writeJson(host, { schema: 'oidcgw/store-cleared/v1', cleared })
  else if (!flags.quiet) host.stderr.write(`forgotten: ${cleared} ${cleared === 1 ? 'entry' : 'entries'}\n`)
  return EXIT.yes
}

/** Where the store is. */
export const storePath: Command<[], ClientFlags> = async (_, flags, { host }) => {
  const folder = stateFolder(host)
  if (!folder)
    throw new OidcgwError('ERR_STORE', 'there is no home folder, so nothing is kept', { hint: 'Name a folder with OIDCGW_STORE' })
  if (wantsJson(flags)) writeJson(host, { schema: 'oidcgw/store-path/v1', path: folder })
  else host.stdout.write(`${folder}\n`)
  return EXIT.yes
}

function documentOf(key: string, { profile, facts, tokens, dpopKey }: StoredEntry, host: Host): Record<string, unknown> {
  const expires = tokens.expires_in === undefined ? null : new Date((tokens.obtained_at + tokens.expires_in) * 1000).toISOString()
  return {
    key: key.slice(0, 12),
    profile,
    ...facts,
    obtained_at: new Date(tokens.obtained_at * 1000).toISOString(),
    expires_at: expires,
    good: isGood(tokens, host, 0),
    token_type: tokens.token_type,
    access_token: maskToken(tokens.access_token),
    ...(tokens.id_token !== undefined && { id_token: maskToken(tokens.id_token) }),
    ...(tokens.refresh_token !== undefined && { refresh_token: maskToken(tokens.refresh_token) }),
    ...(dpopKey && { dpop: true }),
  }
}

function lifeOf({ tokens }: StoredEntry, { now }: Host): string {
  if (tokens.expires_in === undefined) return 'no expiry said'
  const left = (tokens.obtained_at + tokens.expires_in) * 1000 - now().getTime()
  const refreshable = tokens.refresh_token === undefined ? '' : ', refreshable'
  return left > 0 ? `${formatDuration(left)} left${refreshable}` : `expired${refreshable}`
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
