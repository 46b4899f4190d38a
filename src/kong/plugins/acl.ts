import { createPluginFields, isSet, refuse } from './plugin-fields.js'

/** `acl` (Kong 3.x): exactly one of `allow` and `deny`. */
export const acl = createPluginFields(
  [
    { name: 'allow', type: 'array of string' },
    { name: 'deny', type: 'array of string' },
    { name: 'hide_groups_header', type: 'boolean', default: false },
    { name: 'include_consumer_groups', type: 'boolean', default: false },
    { name: 'always_use_authenticated_groups', type: 'boolean', default: false },
  ],
  (_config, given, context) => {
    const both = isSet(given['allow']) && isSet(given['deny'])
    const neither = !isSet(given['allow']) && !isSet(given['deny'])
    if (both) refuse(context, ['deny'], 'exclusive-fields', 'only one of allow and deny may be set')
    if (neither) refuse(context, [], 'required-field', 'one of allow and deny is needed', 'write allow: [admins]')
  },
)
