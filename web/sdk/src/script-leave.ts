import { leave } from './leave.js'
import { run } from './tag.js'

run({ leave })
