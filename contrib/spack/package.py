# package.py - recipe for Spack
#
# Usage   in a repository of your own (`spack repo create`), as packages/csv_report/package.py; then
#         spack install --no-checksum csv-report +mpi
# Source  there is no release yet: put the tarball made by `make dist` next to this file

import os

from spack_repo.builtin.build_systems.autotools import AutotoolsPackage

from spack.package import *


class CsvReport(AutotoolsPackage):
    """Exact statistics of the columns of CSV files, on all cores, by batch jobs and MPI."""

    license("MIT")

    version("0.2.0-dev", url="file://%s/csv-report-0.2.0-dev.tar.gz" % os.path.dirname(__file__))

    variant("openmp", default=True, description="Read with several threads")
    variant("mpi", default=False, description="Build csv-report-mpi")
    variant("remote", default=True, description="Build csv-report-remote, which reads S3 and http")

    depends_on("c", type="build")
    depends_on("gmake", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("mpi", when="+mpi")
    depends_on("zlib-api")
    depends_on("isa-l")
    depends_on("zstd")
    depends_on("bzip2")
    depends_on("xz")
    depends_on("jansson")
    depends_on("curl@7.68:", when="+remote")
    depends_on("expat", when="+remote")
    # Only for the unit tests.
    depends_on("check@0.15:", type="test")

    def configure_args(self):
        args = self.enable_or_disable("openmp")
        args += self.with_or_without("mpi") + self.with_or_without("remote")
        if self.spec.satisfies("+mpi"):
            args.append("MPICC=%s" % self.spec["mpi"].mpicc)
        return args
