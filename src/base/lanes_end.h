/* lanes_end.h - closes the region that a lanes_*.h opened */
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
