import type { Plugin } from './plugin.js'
import { transformHeaders, type TransformerConfig } from './transform-headers.js'

/** Kong's `response-transformer`, its header lists: edits to what the client gets. */
export const responseTransformer: Plugin = {
  name: 'response-transformer',
  priority: 800,
  create({ config }) {
    const settings = config as unknown as TransformerConfig
    return {
      access: () => undefined,
      response({ downstream }, _status, received) {
        const fields = {
          get: (name: string) => downstream.get(name)?.join(', ') ?? (downstream.removes(name) ? undefined : received(name)),
          set: (name: string, value: string) => void downstream.set(name, value),
          remove: (name: string) => downstream.remove(name),
        }
        transformHeaders(fields, settings, (value) => value)
      },
    }
  },
}
