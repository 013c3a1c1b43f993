/* simd_end.h - closes the region that a simd_*.h opened, if any */
#ifdef LANES_REGION
#undef LANES_REGION
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
