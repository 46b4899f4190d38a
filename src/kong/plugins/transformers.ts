import type { FieldRow } from '../fields/field.js'
import { isRecord, type ReadContext } from '../fields/read-record.js'
import { createPluginFields, refuse } from './plugin-fields.js'

const ACTIONS = ['remove', 'rename', 'replace', 'add', 'append']
const JSON_TYPES = ['boolean', 'number', 'string']

/** Headers are what the local gateway transforms; the other lists are announced. */
const lists = (action: string, members: readonly string[]): FieldRow[] => [
  { name: action, type: 'object', filled: true },
  ...members.map((member): FieldRow => {
    const row: FieldRow = { name: `${action}.${member}`, type: 'array of string', default: [] }
    return member === 'headers' ? row : { ...row, tier: 'T3' }
  }),
]

/** `request-transformer` (Kong 3.x, open source): lists of `name` to remove and of `name:value` otherwise. */
export const requestTransformer = createPluginFields(
  [
    { name: 'http_method', type: 'string', tier: 'T3' },
    ...ACTIONS.flatMap((action) => lists(action, ['body', 'headers', 'querystring'])),
    { name: 'replace.uri', type: 'string', tier: 'T3' },
  ],
  (config, _given, context) => checkPairs(config, ['body', 'headers', 'querystring'], context),
)

/** `response-transformer` (Kong 3.x). */
export const responseTransformer = createPluginFields(
  [
    ...ACTIONS.flatMap((action) => lists(action, ['headers', 'json'])),
    ...['replace', 'add', 'append'].map((action): FieldRow => ({
      name: `${action}.json_types`,
      type: 'array of string',
      default: [],
      enum: JSON_TYPES,
      tier: 'T3',
    })),
  ],
  (config, _given, context) => checkPairs(config, ['headers', 'json'], context),
)

function checkPairs(config: Readonly<Record<string, unknown>>, members: readonly string[], context: ReadContext): void {
  for (const action of ACTIONS.slice(1)) {
    const lists = config[action]
    if (!isRecord(lists)) continue
    for (const member of members) {
      const entries = lists[member]
      if (!Array.isArray(entries)) continue
      entries.forEach((entry: string, index) => {
        if (!/^[^:]+:/.test(entry)) {
          const advice = action === 'rename' ? 'write "old-name:new-name"' : 'write "name:value"'
          refuse(context, [action, member, index], 'invalid-value', `"${entry}" has no colon`, advice)
        }
      })
    }
  }
}
