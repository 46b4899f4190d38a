import { OidcgwError } from '../../errors.js'
import type { Grant } from './grant.js'

export const unsupported = (name: string): Grant => ({
  needsPerson: false,
  obtain: async () => {
    throw new OidcgwError('ERR_UNSUPPORTED', `the grant ${name} is not built yet`)
  },
})
