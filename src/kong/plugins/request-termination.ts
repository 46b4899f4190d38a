import { createPluginFields, isSet, refuse } from './plugin-fields.js'

/** `request-termination` (Kong 3.x): `message` excludes `body` and `content_type`, and a `content_type` needs a `body`. */
export const requestTermination = createPluginFields(
  [
    { name: 'status_code', type: 'integer', default: 503, min: 100, max: 599 },
    { name: 'message', type: 'string' },
    { name: 'content_type', type: 'string' },
    { name: 'body', type: 'string' },
    { name: 'echo', type: 'boolean', default: false },
    { name: 'trigger', type: 'string' },
  ],
  (_config, given, context) => {
    for (const other of ['body', 'content_type']) {
      if (isSet(given['message']) && isSet(given[other]))
        refuse(context, [other], 'exclusive-fields', `message and ${other} may not both be set`)
    }
    if (isSet(given['content_type']) && !isSet(given['body']))
      refuse(context, ['content_type'], 'required-field', 'content_type needs a body')
  },
)
