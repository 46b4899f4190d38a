import type { Issue } from '../../errors.js'
import type { LoadedDocument } from '../document.js'
import { isRecord } from '../fields/read-record.js'
import { isOpenHere } from '../protection.js'
import { createReport, type Place } from '../read/report.js'
import { ACL_RULES, AUTHORIZATION_RULES } from './authorization.js'
import { METHOD_RULES } from './methods.js'
import { PROVIDER_RULES } from './provider.js'
import { ROUTING_RULES } from './routing.js'
import { configOf, openIdConnectPlugins, type DocumentRule, type PluginRule, type Scene } from './rule.js'
import { SESSION_RULES } from './session.js'
import { VERIFICATION_RULES } from './verification.js'
import { VERSION_RULES } from './versions.js'

const PLUGIN_RULES: readonly PluginRule[] = [
  ...METHOD_RULES,
  ...SESSION_RULES,
  ...VERIFICATION_RULES,
  ...PROVIDER_RULES,
  ...AUTHORIZATION_RULES,
  ...VERSION_RULES,
]
/** Nothing is wrong with such a document, so only a start of the gateway says it. */
const OPEN_HERE: DocumentRule = {
  id: 'open-here',
  severity: 'warning',
  advice: 'do not take a 200 of this gateway for one of Kong',
  find: ({ config }) =>
    config.plugins
      .filter(({ enabled, name }) => enabled && isOpenHere(name))
      .map((plugin) => ({
        entity: plugin,
        at: ['name'],
        message: `${plugin.name} is not imitated: whom Kong keeps out with it passes here`,
      })),
}
const DANGERS = PLUGIN_RULES.filter(({ isDanger }) => isDanger === true)
const DOCUMENT_RULES: readonly DocumentRule[] = [...ROUTING_RULES, ...ACL_RULES]

/** Every rule of the linter: id, severity and advice. */
export const LINT_RULES: readonly Pick<PluginRule, 'id' | 'severity' | 'advice'>[] = [...PLUGIN_RULES, ...DOCUMENT_RULES]

/**
 * What is wrong with a document and what is unwise about it: the issues of loading and the findings of every rule, in the order of the
 * text. Rules look only at documents that could be loaded.
 */
export function lintKong(loaded: LoadedDocument, kongVersion?: string): readonly Issue[] {
  const all = [...loaded.issues, ...findingsOf(loaded, kongVersion, PLUGIN_RULES, DOCUMENT_RULES)]
  const files = [...new Set(all.map(({ file }) => file))]
  return all.toSorted(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  )
}

/** Which protections a document switches off, and which of those it asks for the local gateway does not have. */
export const dangersOf = (loaded: LoadedDocument, kongVersion?: string): readonly Issue[] =>
  findingsOf(loaded, kongVersion, DANGERS, [OPEN_HERE])

function findingsOf(
  { config, raw, fromEnvironment }: LoadedDocument,
  kongVersion: string | undefined,
  pluginRules: readonly PluginRule[],
  documentRules: readonly DocumentRule[],
): readonly Issue[] {
  if (config === undefined) return []
  const substantial = [...fromEnvironment].filter((value) => value.length >= 8)
  const scene: Scene = {
    config,
    kongVersion,
    isGiven: ({ id }, ...trail) => isGiven(raw.get(id)?.value, trail),
    isFromEnvironment: (text) => fromEnvironment.has(text) || substantial.some((value) => text.includes(value)),
  }
  const report = createReport((text) => text)
  const add = (
    { id, severity, advice }: (typeof LINT_RULES)[number],
    entity: { readonly id: string },
    at: readonly PropertyKey[],
    message: string,
  ): void => {
    const place: Place | undefined = raw.get(entity.id)?.place
    if (place) report.add(place, at, { id, severity, message, advice })
  }
  for (const plugin of openIdConnectPlugins(scene)) {
    for (const rule of pluginRules) {
      for (const { at, message } of [rule.find(configOf(plugin), scene, plugin) ?? []].flat()) add(rule, plugin, ['config', ...at], message)
    }
  }
  for (const rule of documentRules) for (const { entity, at, message } of rule.find(scene)) add(rule, entity, at, message)
  return report.issues
}

function isGiven(value: unknown, trail: readonly PropertyKey[]): boolean {
  let inner: unknown = value
  for (const part of trail) inner = isRecord(inner) ? inner[String(part)] : undefined
  return inner !== undefined && inner !== null
}
