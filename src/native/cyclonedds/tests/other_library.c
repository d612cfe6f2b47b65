/* Stands for libraries that a program must refuse: a transport of another day, and (without QD_OTHER_VERSION) something else of that name. */
#include <stdint.h>

#ifdef QD_OTHER_VERSION
__attribute__((visibility("default"))) uint32_t qd_abi_version(void);
uint32_t qd_abi_version(void) { return QD_OTHER_VERSION; }
#else
__attribute__((visibility("default"))) uint32_t other(void);
uint32_t other(void) { return 0; }
#endif
