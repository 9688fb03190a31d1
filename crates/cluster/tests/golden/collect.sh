#!/bin/bash
#SBATCH --job-name="hearth-rates-collect"
#SBATCH --output="/home/ada/my work/results/sweeps/rates/flex/logs 100%%/collect-%j.log"
#SBATCH --open-mode=append

cd '/home/ada/my work' || exit 74
code=0
/opt/hearth sweep collect rates.json > 'out/a b.txt' || code=$?
/opt/hearth report results -o out/report.html || code=$?
exit "$code"
