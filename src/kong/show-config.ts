import { MASKED } from '../http/redact.js'
import type { Plugin } from './entities.js'
import { isRecord } from './fields/read-record.js'
import { fieldsOf } from './plugins/index.js'

/** Names that hold a secret in plugins we know no fields of, and names of headers that do. */
const SECRET_NAME = /secret|password|passphrase|private[_-]?key|token|credential|api[_-]?key|authorization|cookie/i
/** How transformers write a header. */
const HEADER = /^([\w-]+):(?=.)/s

/** A plugin's configuration that may be shown: secret members masked, wherever they lie, and the values of `Authorization:…` and its like. */
export function showConfig({ name, config }: Plugin): Readonly<Record<string, unknown>> {
  const fields = fieldsOf(name)
  const secrets = fields && new Set(fields.secrets)
  const isSecret = (path: string, key: string): boolean => (secrets ? secrets.has(path) : SECRET_NAME.test(key))
  const show = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) return value.map((item: unknown) => show(item, `${path}[]`))
    if (typeof value === 'string') return showText(value)
    if (!isRecord(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => {
        const full = path === '' ? key : `${path}.${key}`
        return [key, isSecret(full, key) ? mask(member) : show(member, full)]
      }),
    )
  }
  return show(config, '') as Readonly<Record<string, unknown>>
}

function showText(text: string): string {
  const name = HEADER.exec(text)?.[1]
  return name !== undefined && SECRET_NAME.test(name) ? `${name}:${MASKED}` : text
}

function mask(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mask)
  return value === null || value === undefined ? value : MASKED
}
