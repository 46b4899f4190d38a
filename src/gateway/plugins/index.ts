import type { Plugin } from './plugin.js'

/** The plugins that run here, by their Kong names. Others are accepted and announced as not imitated. */
export const PLUGINS: Readonly<Record<string, Plugin>> = {}
