import { announceFields } from '../fields/announce.js'
import { isRecord, readRecord, type ReadContext } from '../fields/read-record.js'
import { isSet, refuse, type PluginFields, type ReadConfig } from '../plugins/plugin-fields.js'
import type { Place } from '../read/report.js'
import { betterName } from './advice.js'
import { FIELD_ROWS, isOlder, openIdConnectFields } from './fields.js'
import { translateLegacy, type Translated } from './legacy.js'
import { checkRules } from './rules.js'

const NEWER = FIELD_ROWS.filter(({ since, legacy }) => since !== undefined && legacy !== true)

/** The result satisfies `OpenIdConnectConfig` whenever no error was reported. */
const read: ReadConfig = (value, context, kongVersion) => {
  if (!isRecord(value)) return readRecord(value ?? {}, openIdConnectFields(kongVersion), context)
  const translated = translateLegacy(value, context)
  const inner: ReadContext = { ...context, place: withOrigins(context.place, translated), advise: betterName }
  const fields = openIdConnectFields(kongVersion)
  const config = readRecord(translated.value, fields, inner)
  if (!isSet(config['issuer'])) {
    refuse(
      inner,
      isSet(translated.value['issuer']) ? ['issuer'] : [],
      'required-field',
      'required field missing: issuer',
      'write issuer: https://…',
    )
  }
  if (config['session_storage'] === 'redis' && config['redis'] === null) {
    config['redis'] = { ...fields.fields.get('redis')?.record?.defaults }
  }
  checkRules(config, inner)
  announceFields(translated.value, fields, inner)
  announceKongOauth2(translated.value, inner)
  if (kongVersion !== '3.15') refuseNewer(translated.value, inner, kongVersion)
  return config
}

export const openIdConnect: PluginFields = {
  read,
  secrets: FIELD_ROWS.filter(({ encrypted }) => encrypted === true).map(({ name }) => name),
}

/** What was written under an older name is reported where it stands. */
function withOrigins(place: Place, { origins }: Translated): Place {
  if (origins.size === 0) return place
  return {
    ...place,
    elsewhere(trail) {
      for (const length of [2, 1]) {
        const origin = origins.get(trail.slice(0, length).join('.'))
        if (origin) return place.elsewhere?.(origin) ?? { source: place.source, path: [...place.path, ...origin, ...trail.slice(length)] }
      }
      return place.elsewhere?.(trail)
    },
  }
}

function announceKongOauth2(given: Readonly<Record<string, unknown>>, { report, place }: ReadContext): void {
  const methods = given['auth_methods']
  if (Array.isArray(methods) && methods.includes('kong_oauth2')) {
    report.add(place, ['auth_methods', methods.indexOf('kong_oauth2')], {
      id: 'not-imitated-field',
      severity: 'info',
      message: 'kong_oauth2 is accepted, but no token of Kong’s own oauth2 plugin is ever recognised',
    })
  }
}

/** Only members of single records: what stands in a list is announced by the list. */
function isGiven(given: Readonly<Record<string, unknown>>, name: string): boolean {
  if (!name.includes('.')) return isSet(given[name])
  if (name.includes('[]')) return false
  let value: unknown = given
  for (const part of name.split('.')) value = isRecord(value) ? value[part] : undefined
  return isSet(value)
}

function refuseNewer(given: Readonly<Record<string, unknown>>, { report, place }: ReadContext, kongVersion: string): void {
  for (const { name, since = '' } of NEWER) {
    if (!isOlder(kongVersion, since) || !isGiven(given, name)) continue
    const message = `Kong ${kongVersion} does not know this field`
    const [key = ''] = name.split('.').slice(-1)
    report.add(place, name.split('.').slice(0, -1), { id: 'newer-field', severity: 'error', message, advice: `it came with ${since}`, key })
  }
}
