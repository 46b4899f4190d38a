import { parseSource } from '../config/document.js'
import type { Issue } from '../errors.js'
import type { KongConfig } from './entities.js'
import { isRecord } from './fields/read-record.js'
import { LATEST_VERSION } from './openid-connect/fields.js'
import { collect, type Collected, type Found } from './read/collect.js'
import { readConsumerGroups, readConsumers } from './read/consumers.js'
import { configurationHash } from './read/identity.js'
import { readPlugins } from './read/plugins.js'
import { createReading, type RawEntity } from './read/reading.js'
import { createReport } from './read/report.js'
import { readRoutes } from './read/routes.js'
import { readServices } from './read/services.js'
import { substitute } from './read/substitute.js'
import { readCertificates, readUpstreams } from './read/upstreams.js'
import { createDereference, type Vault } from './read/vault.js'

export interface LoadOptions {
  /** Where `${{ env "DECK_X" }}` and `{vault://env/…}` are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whose defaults hold: `3.4` … `3.15`. Default `3.15`. */
  readonly kongVersion?: string
}

export interface LoadedDocument {
  /** Undefined when an issue is an error; warnings and infos do not matter. */
  readonly config: KongConfig | undefined
  /** In the order of the text. */
  readonly issues: readonly Issue[]
  /** What was written, by the id of the entity; empty when the text could not be read at all. */
  readonly raw: ReadonlyMap<string, RawEntity>
  /** Texts that came from the environment. */
  readonly fromEnvironment: ReadonlySet<string>
}

/** One configuration may be shared by thousands of routes; what nests aliases to fill the memory is refused all the same. */
const MAX_ALIASES = 20_000

/**
 * Reads Kong declarative documents (decK's dialect and the DB-less one), several merged as decK merges them: lists are joined, and of
 * single values the first given counts. Never throws: what is wrong is in `issues`, with file, line and column.
 *
 * @see reference section 8
 */
export function loadKongDocument(
  sources: readonly { readonly file: string; readonly text: string }[],
  options: LoadOptions,
): LoadedDocument {
  const substituted = sources.map(({ file, text }) => ({ file, ...substitute(text, file, options.env) }))
  const unset = substituted.flatMap(({ issues }) => issues)
  const fromEnvironment = new Set(substituted.flatMap(({ values }) => values.map(({ value }) => value)))
  const unreadable = (issues: readonly Issue[]): LoadedDocument => ({ config: undefined, issues, raw: new Map(), fromEnvironment })
  // without its values a text may mean anything: what else is wrong with it cannot be known
  if (unset.length > 0) return unreadable(unset)
  const parsed = substituted.map(({ text, file, locate }) => parseSource(text, file, { locate, merge: true, maxAliasCount: MAX_ALIASES }))
  const syntax = parsed.flatMap(({ issues }) => issues)
  if (syntax.length > 0) return unreadable(syntax)

  const used = new Map<string, string>()
  const report = createReport(createHide(substituted.flatMap(({ values }) => values)))
  const collected = collect(parsed, report)
  const dereference = createDereference(options.env, vaultsOf(collected), used)
  const reading = createReading({ report, collected, dereference, kongVersion: options.kongVersion ?? LATEST_VERSION })
  const ids = new Map<Found, string>()
  const services = readServices(reading, ids)
  const consumer_groups = readConsumerGroups(reading, ids)
  const upstreams = readUpstreams(reading, ids)
  const certificates = readCertificates(reading, ids)
  const routes = readRoutes(reading, ids, new Set(services.map(({ id }) => id)))
  const consumers = readConsumers(reading, ids, consumer_groups)
  const plugins = readPlugins(reading, ids)
  const issues = report.issues.toSorted(byPosition(sources.map(({ file }) => file)))
  const { raw } = reading
  for (const value of used.values()) fromEnvironment.add(value)
  if (issues.some(({ severity }) => severity === 'error')) return { config: undefined, issues, raw, fromEnvironment }
  const hash = configurationHash([...parsed.map(({ value }) => value), [...used], options.kongVersion ?? LATEST_VERSION])
  const config: KongConfig = { services, routes, plugins, consumers, consumer_groups, upstreams, certificates, hash }
  return { config, issues, raw, fromEnvironment }
}

/** Values that were put in are named in messages, never shown: they may be secret. */
function createHide(values: readonly { readonly name: string; readonly value: string }[]): (text: string) => string {
  const long = values.filter(({ value }) => value.length >= 4)
  return (text) => long.reduce((hidden, { name, value }) => hidden.replaceAll(value, `$${name}`), text)
}

function vaultsOf({ entities }: Collected): readonly Vault[] {
  return entities.vaults.flatMap(({ value: { name, prefix, config } }): Vault[] =>
    typeof name === 'string' && typeof prefix === 'string' ? [{ name, prefix, config: isRecord(config) ? config : {} }] : [],
  )
}

const byPosition =
  (files: readonly string[]) =>
  (a: Issue, b: Issue): number =>
    files.indexOf(a.file) - files.indexOf(b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
