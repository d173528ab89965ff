/** Of everything that is said as JSON. A change that breaks a reader raises it. In a file of its own: commands need it, and not what describes the rest. */
export const schemaVersion = 1;
