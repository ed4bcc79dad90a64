// The types for `require`.
import tidegate = require('tidegate');

export const gateway: tidegate.Gateway = new tidegate.Gateway();
export const isLimited = (error: unknown): boolean => error instanceof tidegate.RateLimited && error.retryable;
