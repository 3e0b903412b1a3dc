/** What tells the resources apart that have a configuration. */
export const resourceKey = (resourceType: number, resourceName: string): string => `${resourceType}:${resourceName}`
